"""A time-stamping authority on loopback: OpenSSL's own, behind HTTP (RFC 3161)."""

from __future__ import annotations

import shutil
import subprocess
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

HAS_OPENSSL = shutil.which("openssl") is not None

_CONFIG = """
[tsa]
default_tsa = tsa1
[tsa1]
serial = {folder}/serial
signer_cert = {folder}/signer.pem
certs = {folder}/ca.pem
signer_key = {folder}/signer.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha384, sha512
accuracy = secs:1
ess_cert_id_alg = sha256
"""


class TimestampServer:
    """Answers at ``url``; ``ca_file`` is what its stamps are checked with."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        self._folder, self.ca_file = folder, folder / "ca.pem"
        self.broken: bytes | None = None  # what it answers in place of a stamp
        self._make_certificates()
        (folder / "serial").write_text("01\n")
        (folder / "tsa.cnf").write_text(_CONFIG.format(folder=folder))
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/tsr"

    def __enter__(self) -> TimestampServer:
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

    def stamp(self, request: bytes) -> bytes:
        """What `openssl ts -reply` says to a request."""
        if self.broken is not None:
            return self.broken
        query, reply = self._folder / "query.tsq", self._folder / "reply.tsr"
        query.write_bytes(request)
        command = ["openssl", "ts", "-reply", "-config", str(self._folder / "tsa.cnf"),
                   "-queryfile", str(query), "-out", str(reply)]  # fmt: skip
        subprocess.run(command, check=True, capture_output=True)
        return reply.read_bytes()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                request = self.rfile.read(int(self.headers["Content-Length"]))
                assert self.headers["Content-Type"] == "application/timestamp-query"
                answer = server.stamp(request)
                self.send_response(200)
                self.send_header("Content-Type", "application/timestamp-reply")
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, format: str, *arguments: object) -> None:
                pass

        return Handler

    def _make_certificates(self) -> None:
        now = datetime.now(UTC)
        ca_key, key = (rsa.generate_private_key(65537, 2048) for _ in range(2))
        ca_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test time authority CA")])
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test time authority")])

        def certificate(subject: x509.Name, public: rsa.RSAPublicKey) -> x509.CertificateBuilder:
            return (
                x509.CertificateBuilder()
                .subject_name(subject)
                .issuer_name(ca_name)
                .public_key(public)
                .serial_number(x509.random_serial_number())
                .not_valid_before(now - timedelta(days=1))
                .not_valid_after(now + timedelta(days=30))
                .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
            )

        ca = certificate(ca_name, ca_key.public_key()).add_extension(
            x509.BasicConstraints(ca=True, path_length=1), critical=True
        )
        signer = certificate(name, key.public_key()).add_extension(
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True
        )
        for file, made in (("ca.pem", ca), ("signer.pem", signer)):
            signed = made.sign(ca_key, hashes.SHA256())
            (self._folder / file).write_bytes(signed.public_bytes(serialization.Encoding.PEM))
        (self._folder / "signer.key").write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
