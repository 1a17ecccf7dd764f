import json
import os
import subprocess
import sys
import tempfile
import time
import unittest

from cells import chosen, grid, schedule
from journal import Journal, JournalFault

HEADER = {"type": "header", "version": 1, "seed": 7, "gpu": {"uuid": "GPU-1"}, "created_at": "then"}

# Writes windows as fast as it can until it is killed.
WRITER = """
import sys
from cells import chosen, grid, schedule
from journal import Journal
journal = Journal(sys.argv[1])
journal.claim({"type": "header", "version": 1})
done = journal.done()
entries = schedule(chosen(grid(), "resnet.*"), 200, 3)
print("open", flush=True)
for entry in entries:
    if entry.key not in done:
        journal.append({"type": "window", "key": entry.key, "filler": "x" * 2000})
"""


class TheJournal(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = os.path.join(folder.name, "new", "journal.jsonl")

    def opened(self):
        journal = Journal(self.path)
        self.addCleanup(journal.close)
        return journal

    def written(self, *records, torn=""):
        os.makedirs(os.path.dirname(self.path), exist_ok=True)
        with open(self.path, "w") as file:
            file.write("".join(json.dumps(record) + "\n" for record in records) + torn)

    def test_goes_on_from_what_is_there_in_the_schedules_order(self):
        entries = schedule(chosen(grid(), "resnet.*/fp16/b[18]"), 2, 7)
        self.written(HEADER, *({"type": "window", "key": entry.key} for entry in entries[:9]))
        done = self.opened().done()
        self.assertEqual([entry for entry in entries if entry.key not in done], entries[9:])

    def test_a_half_written_last_line_is_cut_off(self):
        self.written(HEADER, {"type": "window", "key": "a#0"}, torn='{"type":"window","key":"b#0"')
        journal = self.opened()
        self.assertEqual((journal.done(), journal.torn), ({"a#0"}, 28))
        journal.append({"type": "window", "key": "b#0"})
        journal.close()
        self.assertEqual(self.opened().done(), {"a#0", "b#0"})

    def test_a_damaged_line_inside_is_refused_by_its_number(self):
        self.written(HEADER, {"type": "window", "key": "a#0"})
        with open(self.path, "a") as file:
            file.write("{half\n" + json.dumps({"type": "window", "key": "c#0"}) + "\n")
        with self.assertRaisesRegex(JournalFault, r"journal.jsonl:3: must be a JSON record"):
            self.opened()
        self.written({"type": "window", "key": "a#0"})
        with self.assertRaisesRegex(JournalFault, ":1: must be the header"):
            self.opened()

    def test_of_another_gpu_seed_or_version_is_refused(self):
        journal = self.opened()
        journal.claim(HEADER)
        for name, value in (("gpu", {"uuid": "GPU-2"}), ("seed", 8), ("version", 2)):
            with self.assertRaisesRegex(JournalFault, f"another sweep: {name} is"):
                journal.claim({**HEADER, name: value})
        journal.close()
        again = self.opened()
        again.claim({**HEADER, "created_at": "later"})
        self.assertEqual(again.records, [HEADER])

    def test_failed_windows_are_done_unless_tried_again(self):
        self.written(HEADER, {"type": "failed", "key": "a#0", "reason": "r"}, {"type": "window", "key": "b#0"})
        journal = self.opened()
        self.assertEqual(journal.done(), {"a#0", "b#0"})
        self.assertEqual(journal.done(retry=True), {"b#0"})

    def test_two_at_once_are_refused(self):
        self.opened()
        with self.assertRaisesRegex(JournalFault, "another run of this journal is going on"):
            Journal(self.path)

    def test_nan_is_not_written(self):
        journal = self.opened()
        with self.assertRaises(ValueError):
            journal.append({"type": "window", "latency": float("nan")})
        journal.close()
        self.assertEqual(os.path.getsize(self.path), 0)

    def test_killed_twenty_times_it_loses_and_doubles_nothing(self):
        before = []
        turn = 0
        # On a busy machine a child gets little done before it is killed: more kills, until there is something to lose.
        while turn < 20 or (len(before) <= 21 and turn < 60):
            child = subprocess.Popen([sys.executable, "-c", WRITER, self.path], stdout=subprocess.PIPE)
            child.stdout.readline()
            time.sleep(0.002 * (turn % 20))
            turn += 1
            child.kill()
            child.communicate()
            journal = Journal(self.path)
            journal.close()
            self.assertEqual(journal.records[: len(before)], before)
            before = journal.records
        keys = [record["key"] for record in before if record["type"] == "window"]
        self.assertGreater(len(keys), 20)
        expected = [entry.key for entry in schedule(chosen(grid(), "resnet.*"), 200, 3)]
        self.assertEqual(keys, expected[: len(keys)])
