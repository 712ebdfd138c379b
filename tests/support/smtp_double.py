"""A small mail server: it takes messages over real SMTP, refuses whom it is told to, and can keep silent."""

from __future__ import annotations

import email
import email.policy
import socketserver
import threading
from email.message import EmailMessage


class SmtpDouble:
    """``with SmtpDouble() as mail``: ``mail.url`` for ``EMAIL_URL``, ``mail.messages`` with their ``mail.recipients``.

    ``refused`` are addresses that get 550. While ``silent`` is set the end of a message is not answered: the sender
    waits in the middle of it, and ``waiting`` tells that one does.
    """

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []
        self.recipients: list[list[str]] = []
        self.refused: set[str] = set()
        self.silent = threading.Event()
        self.waiting = threading.Event()
        self._closing = threading.Event()
        double = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                try:
                    double._talk(self)
                except OSError:
                    pass

        class Server(socketserver.ThreadingTCPServer):
            allow_reuse_address = True
            daemon_threads = True

        self._server = Server(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    @property
    def url(self) -> str:
        """Its address, as the setting wants it."""
        return f"smtp://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> SmtpDouble:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _talk(self, peer: socketserver.StreamRequestHandler) -> None:
        def say(line: str) -> None:
            peer.wfile.write(f"{line}\r\n".encode())

        say("220 test")
        to: list[str] = []
        while line := peer.rfile.readline():
            word = line.decode().strip()
            match word.split(":")[0].split(" ")[0].upper():
                case "EHLO" | "HELO":
                    say("250 test")
                case "MAIL" | "RSET":
                    to = []
                    say("250 ok")
                case "RCPT":
                    address = word.partition("<")[2].partition(">")[0]
                    if address in self.refused:
                        say("550 no such user")
                    else:
                        to.append(address)
                        say("250 ok")
                case "DATA":
                    say("354 go on")
                    self._take(peer, to)
                    say("250 taken")
                case "QUIT":
                    say("221 bye")
                    return
                case _:
                    say("502 unknown")

    def _take(self, peer: socketserver.StreamRequestHandler, to: list[str]) -> None:
        content = b""
        while (line := peer.rfile.readline()) not in (b".\r\n", b""):
            content += line
        if self.silent.is_set():
            self.waiting.set()
            self._closing.wait()
            raise OSError
        parsed = email.message_from_bytes(content, policy=email.policy.default)
        assert isinstance(parsed, EmailMessage)
        self.recipients.append(to)
        self.messages.append(parsed)
