"""Pure: what may leave the archive in any report. Everything else stays, unless named one by one.

The one place where this is decided. A report is made from what ``Disclosure`` lets through and
from nothing else, before tellings are merged and before anything is counted: so nothing of what
stays is in it, not as a number, not as a reason taken over, not as the name of an attachment.

In doubt mail stays: a message that is kept back by mistake is on the list of `papertrail report
withheld`, and a person can name it; one that left cannot be called back.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from archiver.model import Digest, Role, Standing
from archiver.roles import AddressBook
from indexers.contents import Contents
from indexers.model import Event, SpanKind

_ADDRESS = re.compile(r"[\w.+'-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_MEDIATION = re.compile(r"\bmediat(?:ion|ions|or|ors|e|ed|ing)\b|\bfacilitated resolution\b", re.I)
# The school's forms tell every parent that mediation exists; that is no mediation.
_RIGHTS = re.compile(
    r"procedural safeguards|\byour rights?\b|\bparents?(?:'|’)? rights?\b|right to"
    r"|options? (?:include|available)|may (?:also )?(?:request|ask for|file)"
    r"|is available|information (?:on|about)",
    re.I,
)
_SETTLEMENT = re.compile(
    r"\b(?:for|purposes? of) (?:settlement|compromise)\b|\bsettlement (?:offers?|agreements?"
    r"|proposals?|conferences?|discussions?|negotiations?|communications?|terms|draft)\b"
    r"|\boffers? (?:of (?:compromise|settlement|judgment)|to (?:settle|compromise))\b"
    r"|\b(?:F\.?R\.?E\.?|rule) ?408\b|\bwithout prejudice\b|\bsettle (?:the|this|our) (?:case"
    r"|matter|dispute|complaint|claims?)\b",
    re.I,
)
# In an attachment only what says that the paper itself belongs to mediation.
_MEDIATION_PAPER = re.compile(
    r"\bmediation (?:agreement|brief|statement|session|offer|proposal|position|confidentiality"
    r"|summary|conference)\b|\bconfidential mediation\b|\bmediator(?:'|’)s\b",
    re.I,
)
_SENTENCE = re.compile(r"(?<=[.!?;])\s+|\n\s*\n")


class Ground(StrEnum):
    """Why something stays; the order is that of how much it protects."""

    PRIVILEGED = "privileged"  # an advocate or attorney among its people, or marked by a person
    MEDIATION = "mediation"  # with a mediator, or of a mediation
    SETTLEMENT = "settlement"  # an offer of compromise
    FAMILY = "family"  # among the family alone
    NOTE = "private note"  # the running log's notes to oneself


REASONS = {
    Ground.PRIVILEGED: "An advocate or attorney is among its people, or you marked it so.",
    Ground.MEDIATION: "It is with a mediator, or speaks of a mediation.",
    Ground.SETTLEMENT: "It speaks of an offer to settle.",
    Ground.FAMILY: "It is among the family alone.",
    Ground.NOTE: "It is a private note.",
}


@dataclass(frozen=True, slots=True)
class Rules:
    """Whose mail is confidential, by the configuration."""

    book: AddressBook
    mediators: frozenset[str] = frozenset()  # addresses and domains, lower case

    def confidential(self, address: str) -> Ground | None:
        """Whether what a person writes stays, and why."""
        if self.book.role_of(address) is Role.PRIVILEGED:
            return Ground.PRIVILEGED
        return Ground.MEDIATION if self._mediates(address) else None

    def _mediates(self, address: str) -> bool:
        address = address.strip().lower()
        domain = address.rpartition("@")[2]
        return address in self.mediators or any(
            domain == entry or domain.endswith(f".{entry}") for entry in self.mediators
        )


@dataclass(frozen=True, slots=True)
class Disclosure:
    """The ruling on every message, and on what stands in the messages that leave."""

    leaves: frozenset[Digest]
    withheld: Mapping[Digest, Ground]
    named: frozenset[Digest]  # leave only because a person named them
    _guarded: Mapping[Digest, tuple[frozenset[str], tuple[tuple[int, int], ...]]] = field(
        default_factory=dict
    )  # of messages that leave: attachments and runs of the body that quote confidential mail

    def lets_out(self, event: Event) -> bool:
        """Whether an event may be told: by a message that leaves, not in what it quotes."""
        cited = event.citation
        if cited.digest not in self.leaves:
            return False
        parts, runs = self._guarded.get(cited.digest, (frozenset(), ()))
        if cited.part in parts:
            return False
        return cited.part != "body" or not any(
            cited.start < end and start < cited.end for start, end in runs
        )

    def names_attachment(self, digest: Digest, name: str) -> bool:
        """Whether an attachment may be named."""
        return digest in self.leaves and name not in self._guarded.get(digest, (frozenset(), ()))[0]


def decide(
    messages: Iterable[tuple[Contents, Standing]],
    rules: Rules,
    *,
    named: Collection[Digest] = (),
    marks: Mapping[Digest, bool] | None = None,
) -> Disclosure:
    """Rule on every message, and on every entry of the running log.

    Args:
        messages: with how each stands by the configuration of today.
        rules: whose mail is confidential.
        named: originals that a person lets out one by one; a private note is in no report even so.
        marks: what a person told to be privileged, or not to be.
    """
    marks = marks or {}
    leaves: set[Digest] = set()
    withheld: dict[Digest, Ground] = {}
    let_out: set[Digest] = set()
    guarded: dict[Digest, tuple[frozenset[str], tuple[tuple[int, int], ...]]] = {}
    for message, standing in messages:
        ground = ground_of(message, standing, rules, marks.get(message.digest))
        if ground is Ground.NOTE or (ground is not None and message.digest not in named):
            withheld[message.digest] = ground
            continue
        leaves.add(message.digest)
        if ground is not None:
            let_out.add(message.digest)
            continue
        parts = frozenset(name for name, text in message.attachments if _speaks_for(text, rules))
        runs = _quoted_runs(message) if _speaks_for(message.below, rules) else ()
        if parts or runs:
            guarded[message.digest] = (parts, runs)
    return Disclosure(frozenset(leaves), withheld, frozenset(let_out), guarded)


def ground_of(
    message: Contents, standing: Standing, rules: Rules, mark: bool | None = None
) -> Ground | None:
    """Why a message stays; None if it may leave.

    Args:
        message: or an entry of the running log, all of whose words are its own.
        standing: by the configuration of today.
        rules: whose mail is confidential.
        mark: whether a person told that it is privileged. That it is not lifts this ground alone.
    """
    if standing is Standing.PRIVATE:
        return Ground.NOTE
    if mark or standing is Standing.PRIVILEGED:
        return Ground.PRIVILEGED
    grounds = {rules.confidential(p.address) for p in message.people if p.address}
    if standing is Standing.RECORD and _speaks_for(message.own, rules):
        return Ground.PRIVILEGED
    if Ground.PRIVILEGED in grounds and mark is None:
        return Ground.PRIVILEGED
    names = [name for name, _ in message.attachments]
    spoken = [_words(message.subject), message.own, *map(_words, names)]
    papers = [text for _, text in message.attachments]
    if (
        Ground.MEDIATION in grounds
        or any(_of_mediation(text) for text in spoken)
        or any(_MEDIATION_PAPER.search(text) for text in papers)
    ):
        return Ground.MEDIATION
    if any(_SETTLEMENT.search(text) for text in (*spoken, *papers)):
        return Ground.SETTLEMENT
    return Ground.FAMILY if standing is Standing.FAMILY else None


def _of_mediation(text: str) -> bool:
    return _MEDIATION.search(text) is not None and any(
        _MEDIATION.search(sentence) and not _RIGHTS.search(sentence)
        for sentence in _SENTENCE.split(text)
    )


def _words(name: str) -> str:
    """A file name or subject with its words apart: mediation_offer-2.pdf."""
    return re.sub(r"[_\-.]+", " ", name)


def _speaks_for(text: str, rules: Rules) -> bool:
    return any(rules.confidential(found[0]) is not None for found in _ADDRESS.finditer(text))


def _quoted_runs(message: Contents) -> tuple[tuple[int, int], ...]:
    own = {SpanKind.OWN, SpanKind.SIGNATURE, SpanKind.BOILERPLATE}
    return tuple((span.start, span.end) for span in message.spans if span.kind not in own)
