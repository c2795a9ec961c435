"""A server that says what a script says, for answers that no real server gives."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def scripted(
    answers: dict[str, bytes] | None = None, *, greeting: bytes = b"* OK IMAP4rev1 ready\r\n"
) -> Iterator[tuple[str, int]]:
    """A server that answers each command with its line of the script; %t is the tag.

    A command is looked up by its beginning, longest first; one that is not in the script is OK.
    After an answer that ends in %close the server hangs up.
    """
    script = {"CAPABILITY": b"* CAPABILITY IMAP4rev1\r\n%t OK done\r\n", **(answers or {})}
    listener = socket.create_server(("127.0.0.1", 0))

    def converse(connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection, connection.makefile("rb") as lines:
            connection.sendall(greeting)
            for line in lines:
                tag, _, command = line.decode("utf-8", "replace").partition(" ")
                known = sorted(script, key=len, reverse=True)
                name = next((n for n in known if command.startswith(n)), "")
                answer = script.get(name, b"%t OK done\r\n")
                said, close, _ = answer.partition(b"%close")
                connection.sendall(said.replace(b"%t", tag.encode()))
                if close:
                    return

    def serve() -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listener.accept()
                threading.Thread(target=converse, args=(connection,), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield listener.getsockname()[:2]
    finally:
        listener.close()
