"""DKIM at receipt (RFC 6376): did the sending domain sign these bytes, as far as can be told today.

Keys are taken down after months, so the record that a verdict rests on is journaled with it and
the verdict can be computed again. A pass says that the domain named signed the headers and the
body as received; it says nothing about who wrote them, and no signature says nothing at all.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from archiver.archive import Archive
from archiver.headers import read_headers
from archiver.journal import EntryKind
from archiver.model import Digest
from archiver.progress import Progress

_LARGEST = 64 << 20  # bytes of a message; hashing more for a signature is not worth the memory
_MOST_SIGNATURES = 10
_AT_ONCE = 50  # verdicts journaled together


class Verdict(StrEnum):
    """What came of one signature, or of a message without any."""

    PASS = "pass"  # noqa: S105 - the term of RFC 8601, 2.7.1
    FAIL = "fail"
    NONE = "no signature"
    UNCHECKED = "could not check"


class ResolverDownError(Exception):
    """The name server did not answer; asking another night may help."""


LookUp = Callable[[str], bytes | None]
"""The TXT record of a name, its strings joined; None where there is none."""


@dataclass(frozen=True, slots=True)
class Signature:
    """One DKIM-Signature of a message."""

    domain: str
    selector: str
    verdict: Verdict
    why: str  # empty for a pass
    key: str  # the DNS record it was checked with; empty where there is none


def check_message(content: bytes, look_up: LookUp) -> list[Signature]:
    """Check every signature of a message, in the order of its headers, ten at the most.

    Raises:
        ResolverDownError: the name server did not answer.
    """
    import dkim  # noqa: PLC0415 - only where it is switched on

    headers = read_headers(content[: 1 << 20])
    found = []
    for number, tags in enumerate(headers.all("dkim-signature")[:_MOST_SIGNATURES]):
        domain, selector = _tag(tags, "d"), _tag(tags, "s")
        records: list[bytes] = []

        def remembered(name: bytes | str, timeout: int = 5, into: list[bytes] = records) -> bytes:
            del timeout
            text = name.decode("ascii", "replace") if isinstance(name, bytes) else name
            record = look_up(text.rstrip("."))
            if record is None:
                raise _NoKeyError
            into.append(record)
            return record

        try:
            good = dkim.DKIM(content).verify(idx=number, dnsfunc=remembered)
            verdict, why = (Verdict.PASS, "") if good else (Verdict.FAIL, "it does not match")
        except _NoKeyError:
            verdict, why = Verdict.UNCHECKED, "the domain no longer publishes this key"
        except ResolverDownError:
            raise
        except Exception as error:  # noqa: BLE001
            # dkimpy raises its own and whatever a broken signature leads to.
            verdict, why = _judge(error)
        key = records[0].decode("utf-8", "replace") if records else ""
        found.append(Signature(domain, selector, verdict, why, key))
    return found


def check_new(archive: Archive, look_up: LookUp, progress: Progress) -> tuple[int, int]:
    """Check originals that have no verdict yet, and journal what came out.

    Returns:
        How many were checked, and how many must wait because the name server did not answer.
    """
    waiting = archive.catalogue.without_dkim()
    progress.start("checking signatures", len(waiting))
    done, entries = 0, list[tuple[EntryKind, dict[str, object]]]()
    try:
        for digest, size in waiting:
            entries.append((EntryKind.DKIM, _facts(archive, digest, size, look_up)))
            done += 1
            progress.step()
            if len(entries) >= _AT_ONCE:
                archive.record(entries)
                entries.clear()
    except ResolverDownError:
        pass
    archive.record(entries)
    progress.finish()
    return done, len(waiting) - done


def resolver(nameserver: str = "", timeout_s: float = 5.0) -> LookUp:
    """Looks up TXT records: at the system's name server, or at ``address`` or ``address:port``."""
    from dns import exception  # noqa: PLC0415 - only where it is switched on
    from dns.resolver import NXDOMAIN, NoAnswer, Resolver  # noqa: PLC0415

    asked = Resolver(configure=not nameserver)
    asked.lifetime = timeout_s
    if nameserver:
        address, _, port = nameserver.partition(":")
        asked.nameservers, asked.port = [address], int(port or 53)
    known: dict[str, bytes | None] = {}

    def look_up(name: str) -> bytes | None:
        if name not in known:
            try:
                answer = asked.resolve(name, "TXT")
                known[name] = b"".join(answer[0].strings)
            except (NXDOMAIN, NoAnswer):
                known[name] = None
            except (exception.DNSException, OSError, UnicodeError) as error:
                if isinstance(error, exception.SyntaxError | UnicodeError):
                    known[name] = None  # no such name can exist
                else:
                    raise ResolverDownError(str(error)) from error
        return known[name]

    return look_up


def _facts(archive: Archive, digest: Digest, size: int, look_up: LookUp) -> dict[str, object]:
    facts: dict[str, object] = {"sha256": digest}
    if size > _LARGEST:
        return {**facts, "verdict": Verdict.UNCHECKED, "why": "the message is too large"}
    content = archive.vault.read(digest)
    signatures = check_message(content, look_up)
    results = read_headers(content[: 1 << 20]).all("authentication-results")
    if results:
        # The first one stands above all others: the parent's own provider put it there last.
        facts["authentication_results"] = " ".join(results[0].split())
    facts["verdict"] = overall(s.verdict for s in signatures)
    facts["signatures"] = [
        {"domain": s.domain, "selector": s.selector, "verdict": s.verdict, "why": s.why,
         "key": s.key}
        for s in signatures
    ]  # fmt: skip
    return facts


def overall(verdicts: Iterator[Verdict]) -> Verdict:
    """One word for a message: a pass counts most, since any signer may drop out on the way."""
    found = set(verdicts)
    for verdict in (Verdict.PASS, Verdict.FAIL, Verdict.UNCHECKED):
        if verdict in found:
            return verdict
    return Verdict.NONE


class _NoKeyError(Exception):
    pass


def _judge(error: Exception) -> tuple[Verdict, str]:
    text = str(error) or type(error).__name__
    unknown = "key" in type(error).__name__.lower() or "algorithm" in text.lower()
    return (Verdict.UNCHECKED if unknown else Verdict.FAIL), text[:200]


def _tag(tags: str, name: str) -> str:
    match = re.search(rf"(?:^|;)\s*{name}\s*=\s*([^;]*)", tags)
    return re.sub(r"\s+", "", match[1])[:253] if match else ""
