"""A proxy on loopback between the program and a server: it records, delays and cuts the line."""

from __future__ import annotations

import contextlib
import queue
import socket
import threading
import time
from collections.abc import Callable
from types import TracebackType


class Proxy:
    """Passes bytes both ways; ``sent`` is what the program sent, all connections together.

    ``cut_after`` and ``delay_s`` may be changed at any time and hold for connections made after.
    """

    def __init__(
        self,
        host: str,
        port: int,
        *,
        cut_after: int | None = None,
        delay_s: float = 0.0,
        mangle: Callable[[bytes], bytes] = bytes,
    ) -> None:
        self._target = (host, port)
        self.cut_after = cut_after  # bytes from the server in one connection; then it is cut
        self.delay_s = delay_s  # what a round trip takes longer
        self.mangle = mangle  # what becomes of the bytes that the server sends
        self.received = 0  # bytes from the server, all connections together
        self.sent = bytearray()
        self.connections = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.host, self.port = self._listener.getsockname()[:2]
        self._open: list[socket.socket] = []

    def __enter__(self) -> Proxy:
        _start(self._accept)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for connection in (self._listener, *self._open):
            _close(connection)

    def cut(self) -> None:
        """Break every connection that is open."""
        for connection in self._open:
            _close(connection)
        self._open.clear()

    def lines(self) -> list[str]:
        """Every whole line the program sent, in order; gibberish once it speaks TLS."""
        return bytes(self.sent).decode("utf-8", "replace").split("\r\n")[:-1]

    def commands(self) -> list[str]:
        """Command names of every line the program sent, in order: ``LOGIN``, ``UID FETCH``."""
        named = []
        for line in self.lines():
            words = line.upper().split()
            if len(words) > 1:
                named.append(" ".join(words[1:3]) if words[1] == "UID" else words[1])
        return named

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            try:
                server = socket.create_connection(self._target)
            except OSError:
                _close(client)
                continue
            self._open += [client, server]
            _start(self._up, client, server, self.delay_s)
            _start(self._down, server, client, self.cut_after)

    def _up(self, client: socket.socket, server: socket.socket, delay_s: float) -> None:
        """What is under way stays under way together: two commands at once cost one delay."""
        under_way: queue.SimpleQueue[tuple[float, bytes]] = queue.SimpleQueue()
        _start(_deliver, under_way, server)
        with contextlib.suppress(OSError):
            while data := client.recv(65536):
                self.sent += data
                under_way.put((time.monotonic() + delay_s, data))
        under_way.put((time.monotonic() + delay_s, b""))

    def _down(self, server: socket.socket, client: socket.socket, left: int | None) -> None:
        with contextlib.suppress(OSError):
            while data := server.recv(65536):
                self.received += len(data)
                data = self.mangle(data)
                client.sendall(data if left is None else data[:left])
                if left is not None:
                    left -= len(data)
                    if left <= 0:
                        break
        _close(client)
        _close(server)


def _deliver(under_way: queue.SimpleQueue[tuple[float, bytes]], server: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while True:
            due, data = under_way.get()
            time.sleep(max(0.0, due - time.monotonic()))
            if not data:
                break
            server.sendall(data)
    _close(server)


def _start(run: Callable[..., None], *arguments: object) -> None:
    threading.Thread(target=run, args=arguments, daemon=True).start()


def _close(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):  # shutdown wakes the thread that waits for it; close cannot
        connection.shutdown(socket.SHUT_RDWR)
    connection.close()
