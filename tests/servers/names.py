"""A name server on loopback that knows a few TXT records."""

from __future__ import annotations

import socketserver
import threading
from types import TracebackType

import dns.flags
import dns.message
import dns.rcode
import dns.rrset


class NameServer:
    """Answers at ``address`` from ``records``; silent where ``down`` is set."""

    def __init__(self, records: dict[str, str]) -> None:
        self.records, self.down = records, False
        server = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                data, connection = self.request
                if not server.down:
                    connection.sendto(server.answer(data), self.client_address)

        self._server = socketserver.ThreadingUDPServer(("127.0.0.1", 0), Handler)
        self.address = f"127.0.0.1:{self._server.server_address[1]}"

    def answer(self, query: bytes) -> bytes:
        asked = dns.message.from_wire(query)
        reply = dns.message.make_response(asked)
        reply.flags |= dns.flags.RA
        name = str(asked.question[0].name).rstrip(".")
        record = self.records.get(name)
        if record is None:
            reply.set_rcode(dns.rcode.NXDOMAIN)
        else:
            pieces = [record[i : i + 200] for i in range(0, len(record), 200)]
            text = " ".join(f'"{piece}"' for piece in pieces)
            reply.answer.append(dns.rrset.from_text(asked.question[0].name, 60, "IN", "TXT", text))
        return reply.to_wire()

    def __enter__(self) -> NameServer:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
