"""The way to an S3 server, made to misbehave: by method and key, for a time or a number of requests."""

import re
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Literal
from urllib.parse import urlsplit

from tests.chaos.holding import HeldRequest

Kind = Literal["refused", "503", "403", "507", "slow", "truncated", "wrong bytes"]
_SLOW_SECONDS = 1.5
_CODES = {"503": "SlowDown", "403": "AccessDenied", "507": "InsufficientStorage"}


@dataclass(frozen=True, kw_only=True)
class Where:
    """Some of the requests that pass."""

    method: str
    """A regular expression, as the key is."""
    key: str

    def matches(self, method: str, path: str) -> bool:
        return bool(re.fullmatch(self.method, method) and re.search(self.key, path))


@dataclass(kw_only=True)
class Fault:
    """What becomes of requests from the first that matches, for a time. Mutable: it notes that first.

    "refused" closes the whole server for that time.
    """

    kind: Kind
    where: Where
    seconds: float
    began_at: float | None = None


@dataclass(kw_only=True)
class _Hold:
    where: Where
    at: Literal["request", "answer"]
    held: HeldRequest
    taken: bool = False


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the server said."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes


class S3Proxy:
    """Listens on a port of 127.0.0.1 and passes everything on to one server. A context manager."""

    def __init__(self, endpoint_url: str) -> None:
        parts = urlsplit(endpoint_url)
        self.upstream = (str(parts.hostname), int(parts.port or 80))
        self._lock = Lock()
        self._faults: list[Fault] = []
        self._holds: list[_Hold] = []
        self._connections: set[socket.socket] = set()
        self._waits: list[Thread] = []
        self._server: ThreadingHTTPServer | None = None
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> "S3Proxy":
        self._listen()
        return self

    def __exit__(self, *_: object) -> None:
        self.forget()
        for thread in self._waits:
            thread.join()
        self.refuse()

    @contextmanager
    def fault(self, fault: Fault) -> Iterator[Fault]:
        """Let requests suffer, at most until the end of the `with`."""
        with self._lock:
            self._faults.append(fault)
        try:
            yield fault
        finally:
            with self._lock:
                self._faults = [each for each in self._faults if each is not fault]

    @contextmanager
    def hold(self, where: Where, *, at: Literal["request", "answer"] = "request") -> Iterator[HeldRequest]:
        """Hold the first such request before it is passed on, or the answer to it."""
        hold = _Hold(where=where, at=at, held=HeldRequest())
        with self._lock:
            self._holds.append(hold)
        try:
            yield hold.held
        finally:
            hold.held.release()
            with self._lock:
                self._holds.remove(hold)

    def forget(self) -> None:
        """Let everything pass again."""
        with self._lock:
            for hold in self._holds:
                hold.held.release()
            self._faults.clear()

    def refuse(self) -> None:
        """Stop listening, and break off every connection."""
        server, self._server = self._server, None
        if server is not None:
            server.shutdown()
            server.server_close()
        with self._lock:
            connections, self._connections = self._connections, set()
        for connection in connections:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def refuse_for(self, seconds: float) -> None:
        """As `refuse`, and listen again after that time; returns at once."""

        def away() -> None:
            self.refuse()
            time.sleep(seconds)
            self._listen()

        thread = Thread(target=away)
        self._waits.append(thread)
        thread.start()

    def _listen(self) -> None:
        self._server = _Server(("127.0.0.1", self.port), self)
        self.port = self._server.server_address[1]
        Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def open_media(self, connection: socket.socket) -> None:
        with self._lock:
            self._connections.add(connection)

    def closed(self, connection: socket.socket) -> None:
        with self._lock:
            self._connections.discard(connection)

    def fault_for(self, method: str, path: str) -> Fault | None:
        """The fault this request suffers, if any; the first that is refused closes the door for all."""
        with self._lock:
            found = next((fault for fault in self._faults if fault.where.matches(method, path)), None)
            if found is None:
                return None
            is_first = found.began_at is None
            found.began_at = found.began_at or time.monotonic()
        if is_first and found.kind == "refused":
            self.refuse_for(found.seconds)
        return found if time.monotonic() - found.began_at < found.seconds else None

    def held(self, method: str, path: str, at: str, client_port: int) -> bool:
        """Wait where the request is to be held; return whether to go on."""
        with self._lock:
            found = next(
                (h for h in self._holds if h.at == at and not h.taken and h.where.matches(method, path)), None
            )
            if found is not None:
                found.taken = True
        return found is None or found.held.arrive(client_port=client_port, proxy_port=self.port)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], proxy: S3Proxy) -> None:
        self.proxy = proxy
        super().__init__(address, _Handler)

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that was killed, or whose connection a test broke, is no news."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def setup(self) -> None:
        super().setup()
        self.server.proxy.open_media(self.connection)
        self._upstream = HTTPConnection(*self.server.proxy.upstream, timeout=60)

    def finish(self) -> None:
        self._upstream.close()
        self.server.proxy.closed(self.connection)
        with suppress(OSError):
            super().finish()

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def _relay(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        proxy, request = self.server.proxy, (self.command, self.path)
        if not proxy.held(*request, "request", self.client_address[1]):
            self.close_connection = True
            return
        fault = proxy.fault_for(*request)
        kind = fault.kind if fault else None
        if kind == "refused":
            self.close_connection = True
            return
        if kind in _CODES:
            self._answer(_refusal(kind))
            return
        if kind == "slow":
            time.sleep(_SLOW_SECONDS)
        answer = self._asked(body)
        if answer is None or not proxy.held(*request, "answer", self.client_address[1]):
            self.close_connection = True
            return
        self._answer(answer, kind)

    def _asked(self, body: bytes) -> Answer | None:
        """Ask the server; None where it does not answer."""
        try:
            self._upstream.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
            for name, value in self.headers.items():
                if name.lower() != "expect":  # answered here already
                    self._upstream.putheader(name, value)
            self._upstream.endheaders(body or None)
            with self._upstream.getresponse() as response:
                return Answer(status=response.status, headers=response.getheaders(), body=response.read())
        except (OSError, HTTPException):
            self._upstream.close()
            return None

    def _answer(self, answer: Answer, kind: str | None = None) -> None:
        self.send_response_only(answer.status)
        for name, value in answer.headers:
            if name.lower() not in ("transfer-encoding", "connection", "content-length"):
                self.send_header(name, value)
        length = (
            dict(answer.headers).get("Content-Length", "0") if self.command == "HEAD" else len(answer.body)
        )
        self.send_header("Content-Length", str(length))
        self.end_headers()
        if self.command == "HEAD":
            return
        body = _spoilt(answer.body) if kind == "wrong bytes" else answer.body
        if kind == "truncated":
            body, self.close_connection = body[: len(body) // 2], True
        self.wfile.write(body)


for _method in ("GET", "PUT", "HEAD", "DELETE", "POST"):
    setattr(_Handler, f"do_{_method}", _Handler._relay)


def _refusal(kind: str) -> Answer:
    code = _CODES[kind]
    body = f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>by the test</Message></Error>"
    return Answer(status=int(kind), headers=[("Content-Type", "application/xml")], body=body.encode())


def _spoilt(body: bytes) -> bytes:
    """As many bytes, of which some in the middle are others."""
    middle = len(body) // 2
    return body[:middle] + bytes(byte ^ 0x55 for byte in body[middle : middle + 8]) + body[middle + 8 :]
