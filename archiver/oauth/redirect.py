"""Waits on this computer for the browser to come back from a sign-in page (RFC 8252, 7.3)."""

from __future__ import annotations

import hmac
import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

_PAGE = (
    "<!doctype html><html lang=en><meta charset=utf-8><title>Paper Trail</title>"
    "<body style='font:1.2em sans-serif;margin:3em'><h1>{title}</h1><p>{text}</p>"
)


class Redirect:
    """A server on loopback that knows one answer from all others by its ``state``.

    Browsers open connections that they never use and ask for icons, and any page may send anything
    here: each connection has a thread of its own, and what has not our state is not heard.
    """

    def __init__(self) -> None:
        self.state = ""  # set before anybody can come back
        self._answers: queue.SimpleQueue[dict[str, str]] = queue.SimpleQueue()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.uri = f"http://127.0.0.1:{self._server.server_address[1]}"

    def wait(self, seconds: float) -> dict[str, str] | None:
        """The parameters that the browser brought back; None if it did not come in time."""
        try:
            return self._answers.get(timeout=seconds)
        except queue.Empty:
            return None

    def heard(self, query: str) -> bool:
        """Take an answer, if it is the one that is waited for."""
        given = {key: values[0] for key, values in parse_qs(query).items()}
        state = given.get("state", "")
        if not self.state or not hmac.compare_digest(state.encode(), self.state.encode()):
            return False
        if "code" not in given and "error" not in given:
            return False
        self._answers.put(given)
        return True

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        redirect = self

        class Handler(BaseHTTPRequestHandler):
            timeout = 20

            def do_GET(self) -> None:
                """Answer the browser."""
                known = redirect.heard(urlsplit(self.path).query)
                title, text = ("Thank you", "You can close this page and go back to Paper Trail.")
                if not known:
                    title, text = ("Nothing here", "This is not the answer Paper Trail waits for.")
                page = _PAGE.format(title=title, text=text).encode()
                self.send_response(200 if known else 404)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(page)))
                self.send_header("Referrer-Policy", "no-referrer")
                self.send_header("Connection", "close")
                self.end_headers()
                self.wfile.write(page)

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing: the address has the code in it."""

        return Handler


@contextmanager
def listening() -> Iterator[Redirect]:
    """A redirect server while it is needed."""
    redirect = Redirect()
    server = redirect._server
    threading.Thread(target=server.serve_forever, args=(0.1,), daemon=True).start()
    try:
        yield redirect
    finally:
        server.shutdown()
        server.server_close()
