"""Receive webhooks, each event once: webhook_receiver.py 8000 whsec_... cases.sqlite."""

import json
import sqlite3
import sys
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks import Webhook, WebhookVerificationError

TABLE = "CREATE TABLE IF NOT EXISTS cases (id TEXT PRIMARY KEY, version INT, state TEXT, times INT)"
NEWER = """INSERT INTO cases VALUES (:case_id, :case_version, :state, 1) ON CONFLICT DO UPDATE SET
version = excluded.version, state = excluded.state, times = times + 1
WHERE version < excluded.version"""


def take(db: sqlite3.Connection, event: dict[str, object]) -> None:
    """Do the office's work in one transaction with the version it saw; drop what is not newer."""
    with db:
        if db.execute(NEWER, event).rowcount:
            print(event["case_id"], event["state"], flush=True)  # noqa: T201  your work goes here


def main(port: str, secret: str, path: str) -> None:
    """Listen for ever, on a thread for each call; put TLS in front."""
    with closing(sqlite3.connect(path)) as db:
        db.execute(TABLE)

    class Handler(BaseHTTPRequestHandler):
        timeout = 10  # seconds: who says nothing is not listened to for ever

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            try:
                told: dict[str, Any] = Webhook(secret).verify(body, dict(self.headers))
            except WebhookVerificationError:
                return self.answer(401, {})
            if "challenge" in told:
                return self.answer(200, {"challenge": told["challenge"]})
            with closing(sqlite3.connect(path)) as db:
                take(db, told["event"])
            return self.answer(200, {})

        def answer(self, status: int, value: dict[str, str]) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(value).encode())

    ThreadingHTTPServer(("127.0.0.1", int(port)), Handler).serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
