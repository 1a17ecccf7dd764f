"""Holds power against a calibrated profile as the plugin does: {"profile", "configs", "log", "rate", "stages"} in.

A line out for each configuration: what the profile foresees, what check says with the log's power, and what it logs. A
Prometheus is a server of this program's own that answers as Prometheus' documentation has it.
"""

import http.server
import json
import logging
import sys
import threading
from pathlib import Path

from sustainable_ipa import SettingsError
from sustainable_ipa.settings import settings_of
from sustainable_ipa.watch import check, power_interval


class Prometheus(http.server.BaseHTTPRequestHandler):
    def do_GET(self):  # noqa: N802
        series = [{"metric": {"node": n}, "value": [1.7e9, watts]} for n, watts in (("a", "30"), ("b", "12.5"))]
        answer = {"status": "success", "data": {"resultType": "vector", "result": series if "query=power" in self.path else []}}
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(answer).encode())

    def log_message(self, *_):
        pass


said = []
logging.getLogger("sustainable_ipa").addHandler(type("Kept", (logging.Handler,), {"emit": lambda _, r: said.append(r.getMessage())})())
server = http.server.HTTPServer(("127.0.0.1", 0), Prometheus)
threading.Thread(target=server.serve_forever, daemon=True).start()
given = json.load(sys.stdin)
for config in given["configs"]:
    said.clear()
    watch = config["sustainable_ipa"].get("watch", {})
    if "prometheus" in watch:
        watch["prometheus"] = f"http://127.0.0.1:{server.server_address[1]}"
    if "log" in config:
        Path(watch["interval_log"]).write_text(config.pop("log"))
    try:
        settings = settings_of(config)
        expected = power_interval(given["stages"], given["rate"], settings.intervals, settings.energies)
        print(json.dumps({"expected": expected, "within": check(settings.watch, expected), "said": said}))
    except SettingsError as error:
        print(json.dumps({"error": str(error)}))
