"""Asks questions through the plugin's client: {"command", "timeout_s", "questions"} in, a JSON line a question out."""

import json
import sys

from sustainable_ipa import Client, SustainableIpaError

asked = json.load(sys.stdin)
with Client(asked["command"], asked.get("timeout_s", 60)) as client:
    for question in asked["questions"]:
        try:
            answer = {"answer": client.ask(**question)}
        except SustainableIpaError as error:
            fields = {name: value for name, value in vars(error).items() if value is not None}
            answer = {"error": type(error).__name__, "message": str(error), **fields}
        process = client._process
        print(json.dumps({**answer, "pid": None if process is None else process.pid}), flush=True)
