"""A proxy on loopback between the program and a server: it records, and it can cut the line."""

from __future__ import annotations

import contextlib
import socket
import threading
from types import TracebackType


class Proxy:
    """Passes bytes both ways; ``sent`` is what the program sent, all connections together."""

    def __init__(self, host: str, port: int, *, cut_after: int | None = None) -> None:
        self._target = (host, port)
        self.cut_after = cut_after  # bytes from the server in one connection; then it is cut
        self.sent = bytearray()
        self.connections = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.host, self.port = self._listener.getsockname()[:2]
        self._open: list[socket.socket] = []
        self._thread = threading.Thread(target=self._accept, daemon=True)

    def __enter__(self) -> Proxy:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._listener.close()
        for connection in self._open:
            _close(connection)

    def commands(self) -> list[str]:
        """Command names of every line the program sent, in order."""
        return [
            " ".join(words[1:3]) if words[1].upper() == "UID" else words[1].upper()
            for line in bytes(self.sent).decode("utf-8", "replace").split("\r\n")
            if len(words := line.split()) > 1
        ]

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            server = socket.create_connection(self._target)
            self._open += [client, server]
            threading.Thread(target=self._up, args=(client, server), daemon=True).start()
            threading.Thread(target=self._down, args=(server, client), daemon=True).start()

    def _up(self, client: socket.socket, server: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := client.recv(65536):
                self.sent += data
                server.sendall(data)
        _close(server)

    def _down(self, server: socket.socket, client: socket.socket) -> None:
        left = self.cut_after
        with contextlib.suppress(OSError):
            while data := server.recv(65536):
                if left is not None:
                    data, left = data[:left], left - len(data)
                client.sendall(data)
                if left is not None and left <= 0:
                    break
        _close(client)
        _close(server)


def _close(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
    connection.close()
