"""The way to a Redis server, which a test can stop up, break, or watch for a command."""

import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Event, Lock, Thread
from urllib.parse import urlsplit

from tests.chaos.holding import HeldRequest

_CHUNK_BYTES = 1 << 16


class RedisProxy:
    """Listens on a port of 127.0.0.1 and passes everything on to one server. A context manager."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._upstream = (str(parts.hostname), int(parts.port or 6379))
        self._flowing = Event()
        self._flowing.set()
        self._lock = Lock()
        self._sockets: set[socket.socket] = set()
        self._hold: tuple[re.Pattern[bytes], HeldRequest] | None = None
        self._listener: socket.socket | None = None
        self.port = 0

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def __enter__(self) -> "RedisProxy":
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = self._listener.getsockname()[1]
        Thread(target=self._accept, args=(self._listener,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        assert self._listener is not None
        self._flowing.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut()

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Pass nothing on meanwhile, and break nothing off: packets that are lost."""
        self._flowing.clear()
        try:
            yield
        finally:
            self._flowing.set()

    def cut(self) -> None:
        """Break off every connection."""
        with self._lock:
            sockets, self._sockets = self._sockets, set()
        for each in sockets:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    @contextmanager
    def hold(self, pattern: bytes) -> Iterator[HeldRequest]:
        """Hold the first bytes from a client in which the pattern is found."""
        held = HeldRequest()
        with self._lock:
            self._hold = (re.compile(pattern, re.DOTALL), held)
        try:
            yield held
        finally:
            held.release()
            with self._lock:
                self._hold = None

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                client, address = listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(self._upstream, 5)
            except OSError:
                client.close()
                continue
            server.settimeout(None)
            with self._lock:
                self._sockets |= {client, server}
            Thread(target=self._both_ways, args=(client, server, address[1]), daemon=True).start()

    def _both_ways(self, client: socket.socket, server: socket.socket, client_port: int) -> None:
        back = Thread(target=self._pump, args=(server, client, None), daemon=True)
        back.start()
        self._pump(client, server, client_port)
        back.join()
        client.close()
        server.close()
        with self._lock:
            self._sockets -= {client, server}

    def _pump(self, source: socket.socket, target: socket.socket, client_port: int | None) -> None:
        with suppress(OSError):
            while data := source.recv(_CHUNK_BYTES):
                self._flowing.wait()
                if client_port is not None and not self._passes(data, client_port):
                    break
                target.sendall(data)
        for each in (source, target):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def _passes(self, data: bytes, client_port: int) -> bool:
        with self._lock:
            if self._hold is None or not self._hold[0].search(data):
                return True
            held, self._hold = self._hold[1], None
        return held.arrive(client_port=client_port, proxy_port=self.port)
