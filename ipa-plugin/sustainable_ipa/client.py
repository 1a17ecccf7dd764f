"""One long-lived `sustainable-ipa optimize --serve`: a question a line in, an answer a line out."""

import json
import logging
import os
import queue
import shlex
import signal
import subprocess
import threading
import time
from collections import deque

from .errors import (
    AnswerTimeout,
    CommandNotFound,
    Infeasible,
    InvalidAnswer,
    ProcessDied,
    RejectedRequest,
)

log = logging.getLogger(__name__)

TIMEOUT_S = 60.0
END = object()


def default_command():
    """The command's words: those of SUSTAINABLE_IPA_COMMAND where set, else the program on the PATH."""
    return shlex.split(os.environ.get("SUSTAINABLE_IPA_COMMAND", "")) or ["sustainable-ipa"]


class Client:
    """Asks the program. It starts with the first question and stays; threads take turns."""

    def __init__(self, command=None, timeout_s=TIMEOUT_S):
        self.command = list(command) if command is not None else default_command()
        self.timeout_s = timeout_s
        self._lock = threading.Lock()
        self._process = None
        self._owner = None
        self._lines = None
        self._complaints = None
        self._asked = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """Ends the program. A later question starts a new one."""
        with self._lock:
            self._stop()

    def ask(self, pipeline, bounds=None, ties=False):
        """The optimal answer (docs/protocol.md) as a dict, or the best so far of a search that was stopped; one of errors.py
        where there is none."""
        with self._lock:
            return self._checked(self._exchange(pipeline, bounds, ties))

    def _exchange(self, pipeline, bounds, ties):
        self._asked += 1
        asked = self._asked
        request = {"id": asked, "pipeline": pipeline, "ties": ties}
        if bounds:
            request["bounds"] = bounds
        try:
            line = json.dumps(request, allow_nan=False) + "\n"
        except ValueError as cause:
            raise RejectedRequest(f"the pipeline has a number that is not finite: {cause}") from cause
        self._start()
        deadline = time.monotonic() + self.timeout_s
        # Written by a thread: a program that does not read must not hold the caller past the deadline.
        writer = threading.Thread(target=self._write, args=(self._process, line), daemon=True)
        writer.start()
        try:
            answer = self._lines.get(timeout=max(0.0, deadline - time.monotonic()))
        except queue.Empty:
            self._stop()
            raise AnswerTimeout(
                f"no answer from {self.command[0]} within {self.timeout_s:g} s: raise timeout_s, or lower scaling_cap"
            ) from None
        except BaseException:
            # Interrupted: the answer that is still to come belongs to no later question.
            self._stop()
            raise
        if answer is END:
            process, complaints = self._process, self._complaints
            try:
                ended = f"ended (exit code {process.wait(timeout=1)})"
            except subprocess.TimeoutExpired:
                ended = "closed its output, and was stopped,"
            self._stop()
            said = "\n".join(complaints).strip() or "it said nothing"
            raise ProcessDied(f"{shlex.join([*self.command, 'optimize', '--serve'])} {ended} before it answered: {said}")
        return asked, answer

    def _checked(self, exchanged):
        asked, line = exchanged
        try:
            answer = json.loads(line)
            status = answer["status"]
            if answer.get("id") != asked:
                raise KeyError("id")
            if status == "optimal" and not isinstance(answer["configuration"]["stages"], list):
                raise KeyError("configuration")
        except (ValueError, KeyError, TypeError, AttributeError) as cause:
            self._stop()
            raise InvalidAnswer(
                f"{self.command[0]} answered {line[:120]!r}, which does not answer question {asked}:"
                " check that the command is this package's and of its version"
            ) from cause
        if status == "optimal":
            return answer
        if status == "stopped":
            return self._stopped(answer)
        if status == "infeasible":
            raise Infeasible(answer.get("detail", ""), answer.get("bound", ""), answer.get("best"), answer.get("limit"))
        if status == "error":
            raise RejectedRequest(f"{answer.get('error')}: {answer.get('message')}")
        self._stop()
        raise InvalidAnswer(f"{self.command[0]} answered with the unknown status {status!r}: install its newest version")

    @staticmethod
    def _stopped(answer):
        """The best that the program found in its time, told to the log; an error where it found none."""
        if not isinstance(answer.get("configuration"), dict):
            raise AnswerTimeout("no configuration was found in the time of a search, which does not say that there is none")
        if "optimum" in answer.get("unfinished", []):
            log.warning("the search was stopped: the objective may be %s below the best", answer.get("gap"))
        return answer

    def _start(self):
        # After os.fork the pipes are shared with the parent, so the child gets a program of its own.
        if self._process is not None and self._owner != os.getpid():
            self._process = None
        if self._process is not None and self._process.poll() is None:
            return
        if self._process is not None:
            self._stop()
        try:
            self._process = subprocess.Popen(
                [*self.command, "optimize", "--serve"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                encoding="utf-8",
                errors="replace",
                # Its own group: Ctrl-C in a terminal reaches IPA alone, which then ends the program.
                start_new_session=True,
            )
        except OSError as cause:
            raise CommandNotFound(
                f"{self.command[0]} cannot be started ({cause.strerror}): install it with"
                " `npm install --global sustainable-ipa`, or name it in SUSTAINABLE_IPA_COMMAND"
            ) from cause
        self._owner = os.getpid()
        self._lines = queue.Queue()
        self._complaints = deque(maxlen=20)
        process, lines, complaints = self._process, self._lines, self._complaints

        def drain():
            for line in process.stderr:
                complaints.append(line.rstrip())

        drained = threading.Thread(target=drain, daemon=True)

        def read():
            for line in process.stdout:
                lines.put(line)
            drained.join(timeout=1)
            lines.put(END)

        drained.start()
        threading.Thread(target=read, daemon=True).start()

    @staticmethod
    def _write(process, line):
        try:
            process.stdin.write(line)
            process.stdin.flush()
        except (OSError, ValueError):
            pass  # The program ended: the reader tells.

    def _stop(self):
        process, self._process = self._process, None
        if process is None or self._owner != os.getpid():
            return
        try:
            # Its whole group: under npx or a script of one's own the program is a child of what was started.
            os.killpg(process.pid, signal.SIGKILL)
        except (AttributeError, OSError):
            process.kill()
        process.wait()
