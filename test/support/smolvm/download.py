"""download.py NAME FOLDER ARGUMENTS...: the published program NAME, with its downloads led to a server of its own.

The server sends MEBIBYTES of nothing, slowly, so the program's own check of what it got fails at the end. FOLDER takes its state.
"""

import http.server
import importlib
import os
import sys
import threading
import time

import requests

name, folder = sys.argv[1:3]
length = 3_000_000
pieces = 60


class Server(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("content-length", str(length))
        self.end_headers()
        for _ in range(pieces):
            self.wfile.write(bytes(length // pieces))
            time.sleep(0.05)

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
threading.Thread(target=server.serve_forever, daemon=True).start()
get = requests.get
requests.get = lambda _, **options: get(f"http://127.0.0.1:{server.server_port}/", **options)

os.environ["HOME"] = folder
for prefix in ("SMOLVM", "CELESTO"):
    os.environ[f"{prefix}_DATA_DIR"] = f"{folder}/data"
    os.environ[f"{prefix}_IMAGE_DIR"] = f"{folder}/images"
sys.argv = [name, *sys.argv[3:]]
sys.exit(importlib.import_module(f"{name}.cli.main").main())
