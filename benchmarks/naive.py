"""What a first version would be: each request classifies one text, commits, sends and flushes."""

import argparse
import json
import threading
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
from kafka import KafkaAdminClient, KafkaProducer
from scipy.sparse import identity
from sklearn.linear_model import RidgeClassifier

from benchmarks.beside import serve_until_told
from classifier.artifact.read import load
from classifier.domain import OUT_OF_SCOPE
from classifier.pipeline import vectorizers
from classifier.text import prepare
from services.chassis.masking import mask

TOPIC = "naive"
TABLE = "CREATE TABLE naive (id text PRIMARY KEY, words text, service_id text)"
INSERT = "INSERT INTO naive VALUES (%s, %s, %s)"
WAITING = 256
FLUSH_SECONDS = 30


class FirstVersion:
    """scikit-learn's own estimator, asked for one text at a time."""

    def __init__(self, model: Path) -> None:
        known = set(json.loads((model / "labels.json").read_text())) - {OUT_OF_SCOPE}
        weights = load(model, known).model.weights
        self._features = vectorizers(weights)
        self._linear = RidgeClassifier()
        terms = [identity(len(one.terms), np.float32, "csr") for one in weights.tables]
        told = [
            one.coefficients.said_of(each) for one, each in zip(weights.tables, terms, strict=True)
        ]
        self._linear.coef_ = np.concatenate(told, dtype=np.float32, casting="same_kind").T
        self._linear.intercept_ = 0.0
        self._linear.classes_ = np.asarray(weights.labels)

    def label(self, text: str) -> str:
        """Return the likeliest service."""
        features = self._features.transform([prepare(text, mask=mask).words])
        return str(self._linear.classes_[self._linear.decision_function(features).argmax()])


class Server(ThreadingHTTPServer):
    """A thread a connection, and what the threads share."""

    request_queue_size = WAITING
    daemon_threads = True

    def __init__(self, brokers: str, database: str, model: Path) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.model = FirstVersion(model)
        self.producer = KafkaProducer(bootstrap_servers=brokers, acks="all")
        self._database = database
        self._own = threading.local()
        KafkaAdminClient(bootstrap_servers=brokers).create_topics({TOPIC: {"num_partitions": 8}})
        with psycopg.connect(database) as connection:
            connection.execute(TABLE)

    def connection(self) -> psycopg.Connection[Any]:
        """Return this thread's connection."""
        if not hasattr(self._own, "connection"):
            self._own.connection = psycopg.connect(self._database)
        found: psycopg.Connection[Any] = self._own.connection
        return found


class Handler(BaseHTTPRequestHandler):
    """One request after the other of a connection."""

    protocol_version = "HTTP/1.1"
    server: Server

    def do_POST(self) -> None:
        """Do everything before the answer."""
        text = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["text"]
        case = (str(uuid.uuid4()), text, self.server.model.label(text))
        connection = self.server.connection()
        connection.execute(INSERT, case)
        connection.commit()
        told = json.dumps({"id": case[0], "service_id": case[2]}).encode()
        self.server.producer.send(TOPIC, key=case[0].encode(), value=told)
        self.server.producer.flush(timeout=FLUSH_SECONDS)
        self.send_response(201)
        self.send_header("Content-Length", str(len(told)))
        self.end_headers()
        self.wfile.write(told)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("brokers")
    parser.add_argument("database")
    parser.add_argument("model", type=Path)
    server = Server(**vars(parser.parse_args()))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    serve_until_told(f"127.0.0.1:{server.server_port}")
