"""The sweep's journal: JSON lines, each on the disk before the next window begins."""

import fcntl
import json
import os


class JournalFault(Exception):
    """The journal is damaged, in use, or of another sweep."""


class Journal:
    """Opens a journal, or begins one. A last line that was not finished (a killed run) is cut off."""

    def __init__(self, path):
        self.path = path
        os.makedirs(os.path.dirname(os.path.abspath(path)), exist_ok=True)
        self.file = open(path, "a+b")
        try:
            fcntl.flock(self.file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise JournalFault(f"{path}: another run of this journal is going on") from error
        self.file.seek(0)
        content = self.file.read()
        whole = content.rfind(b"\n") + 1
        self.records = [self._record(i, line) for i, line in enumerate(content[:whole].split(b"\n")[:-1])]
        if self.records and self.records[0].get("type") != "header":
            raise JournalFault(f"{path}:1: must be the header of a sweep")
        self.torn = len(content) - whole
        if self.torn:
            self.file.truncate(whole)

    def _record(self, index, line):
        try:
            record = json.loads(line)
        except ValueError as error:
            raise JournalFault(f"{self.path}:{index + 1}: must be a JSON record: {error}") from error
        if not isinstance(record, dict) or "type" not in record:
            raise JournalFault(f"{self.path}:{index + 1}: must be a record with a type")
        return record

    def append(self, record):
        """Returns when the record is on the disk. NaN and infinity have no place in JSON and raise."""
        self.file.write(json.dumps(record, allow_nan=False, separators=(",", ":")).encode() + b"\n")
        self.file.flush()
        os.fsync(self.file.fileno())
        self.records.append(record)

    def claim(self, header):
        """Writes the header of a new journal; refuses one whose header says otherwise in anything but its date."""
        if not self.records:
            self.append(header)
            return
        own, header = self.records[0], json.loads(json.dumps(header))
        for name in sorted((set(own) | set(header)) - {"created_at"}):
            if own.get(name) != header.get(name):
                raise JournalFault(
                    f"{self.path}: is of another sweep: {name} is {own.get(name)!r} there and {header.get(name)!r} here"
                )

    def done(self, retry=False):
        """Keys of the entries that need no window any more: measured, or failed unless those are to be tried again."""
        kinds = ("window",) if retry else ("window", "failed")
        return {record["key"] for record in self.records if record["type"] in kinds}

    def failed(self):
        """Keys of the entries that failed and were not measured since."""
        measured = self.done(retry=True)
        return {record["key"] for record in self.records if record["type"] == "failed"} - measured

    def calls(self):
        return sum(record["type"] == "call" for record in self.records)

    def close(self):
        self.file.close()
