"""The head of the chain for a witness outside: printed, and time-stamped (RFC 3161).

The chain shows that nothing before a line was changed after the line was written. It cannot show
that lines were not cut off its end, or that all of it was not made anew. A head that somebody else
has seen can: whoever holds a seal of an earlier day can tell whether the journal still passes
through it.

A seal is three files in ``seals/``, named by the number of lines and the link they end in:
``.txt``, the statement; for each authority ``.NAME.tsr``, its answer over the statement's SHA-256;
``.NAME.pem``, the certificates that the answer is checked with. ``openssl ts -verify`` takes them.
"""

from __future__ import annotations

import hashlib
import re
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archiver.archive import Archive
from archiver.bag import replace_file
from archiver.errors import ArchiveError
from archiver.journal import EntryKind, Head, format_time
from archiver.model import Digest

if TYPE_CHECKING:
    from archiver.config import TimestampAuthority

FOLDER = "seals"
_TIMEOUT_S = 30
_LARGEST_ANSWER = 1 << 20  # bytes; a token is some 5 KB
_STATEMENT = re.compile(
    rb"Paper Trail: the head of a journal\nlines: (\d+)\nlink: ([0-9a-f]{64})\n\Z"
)
_CERTIFICATE = re.compile(
    rb"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----\r?\n?", re.DOTALL
)

Ask = Callable[[str, bytes], bytes]
"""Sends a time-stamp request to a URL and gives the answer's bytes."""


class SealRefusedError(ArchiveError):
    """An authority did not give a time stamp that holds."""

    hint = "The other authorities are not affected. Check its url and ca_file; try again later."

    def __init__(self, authority: str, why: str) -> None:
        super().__init__(f"Time-stamping authority {authority!r}: {why}.")
        self.authority, self.why = authority, why


@dataclass(frozen=True, slots=True)
class Stamp:
    """One authority's word on when it saw a head."""

    authority: str
    at: datetime  # the authority's clock, UTC
    file: str  # below ``seals/``
    digest: Digest  # of that file


@dataclass(frozen=True, slots=True)
class Seal:
    """A head that was sealed."""

    head: Head
    statement: Path
    stamps: tuple[Stamp, ...]
    refused: tuple[SealRefusedError, ...]


def statement_of(head: Head) -> bytes:
    """What is time-stamped: the same bytes for the same head."""
    text = f"Paper Trail: the head of a journal\nlines: {head.entries}\nlink: {head.link}\n"
    return text.encode("ascii")


def read_statement(content: bytes) -> tuple[int, Digest] | None:
    """Lines and link of a statement; None if it is none."""
    match = _STATEMENT.match(content)
    return (int(match[1]), Digest(match[2].decode("ascii"))) if match else None


def is_sealed(archive: Archive) -> bool:
    """Whether nothing was journaled since the last seal."""
    return archive.catalogue.last_seal() == archive.journal.head.entries


def take_seal(archive: Archive, authorities: Sequence[TimestampAuthority], ask: Ask) -> Seal:
    """Seal the journal as it ends now, and journal that it was done.

    Raises:
        ArchiveUnwritableError: the seal could not be stored.
    """
    head = archive.journal.head
    statement = statement_of(head)
    folder = archive.path / FOLDER
    stem = f"{head.entries:08}-{head.link[:12]}"
    stamps: list[Stamp] = []
    refused: list[SealRefusedError] = []
    with archive.writing():
        folder.mkdir(exist_ok=True)
        replace_file(folder / f"{stem}.txt", statement)
        for authority in authorities:
            try:
                answer, at, certificates = _stamped(authority, statement, ask)
            except SealRefusedError as error:
                refused.append(error)
                continue
            name = f"{stem}.{_file_name(authority.name)}"
            replace_file(folder / f"{name}.pem", certificates)
            replace_file(folder / f"{name}.tsr", answer)
            digest = Digest(hashlib.sha256(answer).hexdigest())
            stamps.append(Stamp(authority.name, at, f"{name}.tsr", digest))
    facts = [
        {"authority": s.authority, "time": format_time(s.at), "file": s.file, "sha256": s.digest}
        for s in stamps
    ]
    sealed = {"lines": head.entries, "head": head.link, "stamps": facts}
    archive.record([(EntryKind.SEALED, sealed)])
    return Seal(head, folder / f"{stem}.txt", tuple(stamps), tuple(refused))


def ask_by_http(url: str, request: bytes) -> bytes:
    """Send a request as RFC 3161, 3.4, has it; raises OSError or ValueError."""
    post = urllib.request.Request(  # noqa: S310 - the configuration allows http and https alone
        url,
        data=request,
        headers={
            "Content-Type": "application/timestamp-query",
            "Accept": "application/timestamp-reply",
        },
    )
    with urllib.request.urlopen(post, timeout=_TIMEOUT_S) as answer:  # noqa: S310
        content: bytes = answer.read(_LARGEST_ANSWER + 1)
    if len(content) > _LARGEST_ANSWER:
        raise ValueError("its answer is far too long")
    return content


def check_stamp(statement: bytes, answer: bytes, certificates: bytes) -> datetime:
    """Check a time stamp against a statement; when the authority made it, UTC.

    Raises:
        ValueError: it is no stamp, not of this statement, or not signed by who should have.
    """
    from rfc3161_client import VerifierBuilder, decode_timestamp_response  # noqa: PLC0415

    try:
        response = decode_timestamp_response(_in_order(answer))
        verifier = _trusting(VerifierBuilder(), certificates).build()
        good = verifier.verify_message(response, statement)
    except Exception as error:
        # The library is Rust below and raises its own kinds.
        raise ValueError(str(error) or type(error).__name__) from error
    if not good:
        raise ValueError("it does not hold")
    at: datetime = response.tst_info.gen_time
    return at


def stored_seals(archive_path: Path) -> Iterator[tuple[Path, bytes, list[tuple[Path, Path]]]]:
    """Every statement with its stamps: the file, its bytes, pairs of answer and certificates."""
    for path in sorted((archive_path / FOLDER).glob("*.txt")):
        answers = sorted(path.parent.glob(f"{path.stem}.*.tsr"))
        yield path, path.read_bytes(), [(tsr, tsr.with_suffix(".pem")) for tsr in answers]


def _stamped(
    authority: TimestampAuthority, statement: bytes, ask: Ask
) -> tuple[bytes, datetime, bytes]:
    from rfc3161_client import HashAlgorithm, TimestampRequestBuilder  # noqa: PLC0415

    try:
        certificates = b"".join(_CERTIFICATE.findall(Path(authority.ca_file).read_bytes()))
    except OSError as error:
        why = f"its ca_file {authority.ca_file} cannot be read ({error.strerror})"
        raise SealRefusedError(authority.name, why) from error
    if not certificates:
        raise SealRefusedError(authority.name, f"there is no certificate in {authority.ca_file}")
    request = (
        TimestampRequestBuilder()
        .data(statement)
        .hash_algorithm(HashAlgorithm.SHA256)
        .cert_request(cert_request=True)
        .build()
    )
    try:
        answer = ask(authority.url, request.as_bytes())
    except urllib.error.HTTPError as error:
        why = f"it answered {error.code} {error.reason}"
        raise SealRefusedError(authority.name, why) from error
    except (OSError, ValueError) as error:
        raise SealRefusedError(authority.name, f"it could not be asked ({error})") from error
    try:
        at = check_stamp(statement, answer, certificates)
    except ValueError as error:
        raise SealRefusedError(authority.name, f"its time stamp does not hold ({error})") from error
    return answer, at, certificates


def _in_order(answer: bytes) -> bytes:
    """An answer with its certificates in the order of DER.

    OpenSSL, and whoever is built on it, writes them in the order of the chain, which the strict
    parser refuses. They are no part of what is signed (RFC 5652, 5.1).
    """
    from asn1crypto.tsp import TimeStampResp  # noqa: PLC0415

    response = TimeStampResp.load(answer)
    certificates = response["time_stamp_token"]["content"]["certificates"]
    if len(certificates) < 2:
        return answer
    ordered: bytes = response.dump(force=True)
    return ordered


def _trusting(builder: Any, certificates: bytes) -> Any:
    """Self-signed certificates are roots, the others stand between them and the signer."""
    from cryptography.x509 import load_pem_x509_certificates  # noqa: PLC0415

    for certificate in load_pem_x509_certificates(certificates):
        if certificate.issuer == certificate.subject:
            builder = builder.add_root_certificate(certificate)
        else:
            builder = builder.add_intermediate_certificate(certificate)
    return builder


def _file_name(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9_-]+", "-", name) or "authority"
