"""An outside issuer as a state runs one: keys behind HTTP, and tokens signed with them."""

import base64
import hashlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

from joserfc import jwt
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey
from joserfc.jws import JWSRegistry

ALGORITHMS = {"EC": "ES256", "RSA": "RS256", "OKP": "EdDSA"}
DISCOVERY = "/.well-known/openid-configuration"
JWKS = "/keys"
TOKEN = "/token"


class Provider:
    """Answers on a port of its own; what it answers may be changed while it runs."""

    def __init__(self, server: ThreadingHTTPServer) -> None:
        self.issuer = f"http://127.0.0.1:{server.server_address[1]}"
        self.keys: dict[str, Key] = {"first": ECKey.generate_key("P-256")}
        self.more_keys: list[dict[str, Any]] = []
        self.discovered: dict[str, Any] = {
            "issuer": self.issuer,
            "jwks_uri": self.issuer + JWKS,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": self.issuer + TOKEN,
        }
        self.codes: dict[str, dict[str, str]] = {}
        """What somebody asked for when they signed in, by the code they were given."""
        self.asked: list[str] = []
        self.is_away = False
        self.answer: bytes | None = None
        self.go_on = threading.Event()
        self.go_on.set()

    @property
    def jwks_url(self) -> str:
        return self.issuer + JWKS

    def claims(self, **changed: Any) -> dict[str, Any]:
        now = int(time.time())
        good = {
            "iss": self.issuer,
            "aud": "qyzmet",
            "sub": "aigul",
            "role": "citizen",
            "iat": now,
            "exp": now + 3600,
        }
        return {name: value for name, value in (good | changed).items() if value is not None}

    def token(self, kid: str = "first", header: dict[str, Any] | None = None, **claims: Any) -> str:
        """Make a token signed with a key of ours; a header of None is a good one."""
        key = self.keys[kid]
        algorithm = ALGORITHMS[key.key_type]
        head = {"alg": algorithm, "kid": kid} if header is None else {"alg": algorithm, **header}
        return jwt.encode(head, self.claims(**claims), key, registry=_Any())

    def body(self, path: str) -> bytes:
        """Return what is at a path."""
        if path == DISCOVERY:
            return json.dumps(self.discovered).encode()
        if self.answer is not None:
            return self.answer
        public = [key.as_dict(private=False, kid=kid) for kid, key in self.keys.items()]
        return json.dumps({"keys": public + self.more_keys}).encode()

    def give_code(self, asked: dict[str, str]) -> str:
        """Sign somebody in, and return the code that stands for it."""
        code = f"code-{len(self.codes)}"
        self.codes[code] = asked
        return code

    def exchange(self, form: dict[str, str]) -> dict[str, str] | None:
        """Return the token for a code, once, where all is as it was asked for."""
        asked = self.codes.pop(form["code"], None)
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        same = asked and all(asked[name] == form[name] for name in ("client_id", "redirect_uri"))
        if not asked or not same or asked["code_challenge"] != challenge:
            return None
        return {"access_token": self.token(**self.signed_in_as), "token_type": "Bearer"}

    signed_in_as: dict[str, Any] = {}  # noqa: RUF012  replaced, never changed


def make_key(kind: str) -> Key:
    makers = {
        "ES256": lambda: ECKey.generate_key("P-256"),
        "RS256": lambda: RSAKey.generate_key(2048),
        "EdDSA": lambda: OKPKey.generate_key("Ed25519"),
    }
    return makers[kind]()


class _Any(JWSRegistry):
    def get_alg(self, name: str) -> Any:
        return self.algorithms[name]


@contextmanager
def provider() -> Iterator[Provider]:
    """Run an issuer."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.provider = running = Provider(server)  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield running
    finally:
        running.go_on.set()
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        provider: Provider = self.server.provider  # type: ignore[attr-defined]
        provider.asked.append(self.path)
        provider.go_on.wait(20)
        if provider.is_away:
            self.send_error(503)
            return
        body = provider.body(self.path)
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        provider: Provider = self.server.provider  # type: ignore[attr-defined]
        sent = self.rfile.read(int(self.headers["Content-Length"])).decode()
        told = provider.exchange({name: value[0] for name, value in parse_qs(sent).items()})
        body = json.dumps(told or {"error": "invalid_grant"}).encode()
        self.send_response(200 if told else 400)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Print nothing."""
