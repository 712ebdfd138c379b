"""A small OpenID Connect provider over real HTTP: discovery, authorization, token (PKCE), keys and user info."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

CLIENT_ID, CLIENT_SECRET = "agendas", "openid-secret"


def b64(data: bytes) -> str:
    """Base64 of the web, without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def segment(value: Any) -> str:
    """A part of a token."""
    return b64(json.dumps(value).encode())


class OpenIdDouble:
    """``with OpenIdDouble() as provider``: ``issuer``, and ``claims`` of whoever logs in next.

    ``signed`` are changes of the next ID tokens' claims (``None`` takes one away), ``user_info`` of the other ones.
    ``header`` are changes of the token's header. ``signing_key`` may be replaced behind ``published_keys``.
    ``metadata`` are changes of the discovery document. ``requests`` are the paths asked for.
    """

    def __init__(self) -> None:
        self.signing_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.key_id = "first"
        self.published_keys = [self.jwk()]
        self.claims: dict[str, Any] = {}
        self.signed: dict[str, Any] = {}
        self.user_info: dict[str, Any] = {}
        self.header: dict[str, Any] = {}
        self.metadata: dict[str, Any] = {}
        self.requests: list[str] = []
        self.down = False
        self._codes: dict[str, dict[str, str]] = {}
        self._access_tokens: set[str] = set()
        double = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_: Any) -> None:
                pass

            def do_POST(self) -> None:
                double._answer(self)

            do_GET = do_POST

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    @property
    def issuer(self) -> str:
        """Its address, which is its name."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> OpenIdDouble:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def jwk(self) -> dict[str, str]:
        """The public half of the signing key."""
        numbers = self.signing_key.public_key().public_numbers()
        return {
            "kty": "RSA",
            "use": "sig",
            "kid": self.key_id,
            "n": b64(numbers.n.to_bytes(256, "big")),
            "e": b64(numbers.e.to_bytes(3, "big")),
        }

    def new_key(self, key_id: str) -> None:
        """Sign with another key from now on; ``published_keys`` stay as they are."""
        self.signing_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.key_id = key_id

    def _answer(self, request: BaseHTTPRequestHandler) -> None:
        parts = urlsplit(request.path)
        body = request.rfile.read(int(request.headers.get("Content-Length") or 0)).decode()
        self.requests.append(parts.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        form = {name: values[0] for name, values in parse_qs(body).items()}
        status, headers, content = 200, {"Content-Type": "application/json"}, ""
        match parts.path:
            case _ if self.down:
                status, content = 503, "<h1>Down</h1>"
            case "/.well-known/openid-configuration":
                content = json.dumps(self._discovery())
            case "/jwks":
                content = json.dumps({"keys": self.published_keys})
            case "/authorize":
                status, headers = 302, {"Location": self._authorized(query)}
            case "/token":
                status, content = self._token(form, request.headers.get("Authorization", ""))
            case "/userinfo":
                known = request.headers.get("Authorization", "").removeprefix("Bearer ") in self._access_tokens
                status, content = (200, json.dumps({**self.claims, **self.user_info})) if known else (401, "{}")
            case _:
                status = 404
        request.send_response(status)
        for name, value in headers.items():
            request.send_header(name, value)
        request.send_header("Content-Length", str(len(content.encode())))
        request.end_headers()
        request.wfile.write(content.encode())

    def _discovery(self) -> dict[str, Any]:
        endpoints = {"authorization": "authorize", "token": "token", "userinfo": "userinfo"}
        found = {
            "issuer": self.issuer,
            "jwks_uri": f"{self.issuer}/jwks",
            "id_token_signing_alg_values_supported": ["RS256", "none", "HS256"],
            **{f"{name}_endpoint": f"{self.issuer}/{path}" for name, path in endpoints.items()},
        }
        return {name: value for name, value in {**found, **self.metadata}.items() if value is not None}

    def _authorized(self, query: dict[str, str]) -> str:
        assert query["response_type"] == "code"
        assert query["code_challenge_method"] == "S256"
        code = secrets.token_hex(8)
        self._codes[code] = query
        return f"{query['redirect_uri']}?{urlencode({'code': code, 'state': query['state']})}"

    def _token(self, form: dict[str, str], authorization: str) -> tuple[int, str]:
        asked = self._codes.pop(form.get("code", ""), None)
        expected = "Basic " + base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        verifier = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        if asked is None or authorization != expected or b64(verifier) != asked["code_challenge"]:
            return 400, json.dumps({"error": "invalid_grant"})
        if form.get("redirect_uri") != asked["redirect_uri"]:
            return 400, json.dumps({"error": "invalid_grant"})
        access_token = secrets.token_hex(8)
        self._access_tokens.add(access_token)
        answer = {"access_token": access_token, "token_type": "Bearer", "id_token": self._id_token(asked)}
        return 200, json.dumps(answer)

    def _id_token(self, asked: dict[str, str]) -> str:
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": asked["client_id"],
            "iat": now,
            "exp": now + 300,
            "nonce": asked["nonce"],
            **self.claims,
            **self.signed,
        }
        claims = {name: value for name, value in claims.items() if value is not None}
        header = {"alg": "RS256", "kid": self.key_id, **self.header}
        message = f"{segment(header)}.{segment(claims)}"
        if header["alg"] == "none":
            return f"{message}."
        return f"{message}.{b64(self.signing_key.sign(message.encode(), padding.PKCS1v15(), hashes.SHA256()))}"
