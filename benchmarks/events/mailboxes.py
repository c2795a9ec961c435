"""Labelled mailboxes, read as the program reads them, and what each of their sentences tells."""

from __future__ import annotations

import collections
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from zoneinfo import ZoneInfo

from archiver.model import Role, Standing
from archiver.roles import AddressBook
from indexers.events import sentences_of
from indexers.extract.worker import ExtractionWorker
from indexers.mime import read_message
from indexers.model import EventKind, Extracted, Family, Reading, Service
from indexers.records import addresses_of
from indexers.rules.contract import Sentence
from indexers.rules.usual import services_said, speaks_of_one, usual_services

Row = dict[str, object]  # of messages.jsonl or truth.jsonl
Pages = dict[tuple[str, int | None], str]  # by part and page

_SAME = str.maketrans("“”‘’–—\u00a0", "\"\"''-- ")
_OVERLAP = 0.45  # of the shorter of quote and sentence


@dataclass(frozen=True, slots=True)
class Labelled:
    """A sentence, what it tells, and what its whole message tells."""

    sentence: Sentence
    kinds: frozenset[EventKind]
    told: frozenset[EventKind]


@dataclass(frozen=True, slots=True)
class Box:
    """A labelled mailbox."""

    name: str
    path: Path
    family: Family
    readings: dict[str, Reading]  # by the message's id in the mailbox
    truth: list[Row]
    labelled: dict[str, list[Labelled]]  # by the message's id, in the order of the sentences

    def told(self) -> set[tuple[str, str, str]]:
        """(mailbox, message, kind) of every event."""
        return {(self.name, str(row["id"]), str(row["kind"])) for row in self.truth}


def read_boxes(paths: list[Path]) -> list[Box]:
    """Mailboxes (mail/FOLDER/ID.eml, family.json, messages.jsonl, truth.jsonl), by name."""
    with ExtractionWorker() as worker:
        return sorted((_read(path, worker) for path in paths), key=lambda box: box.name)


def _read(path: Path, worker: ExtractionWorker) -> Box:
    family, readings, truth = read_mailbox(path, worker)
    readings = with_usual(readings, family)
    labelled = {key: list(_label(key, reading, truth)) for key, reading in readings.items()}
    return Box(path.name, path, family, readings, truth, labelled)


def read_mailbox(
    path: Path, worker: ExtractionWorker
) -> tuple[Family, dict[str, Reading], list[Row]]:
    """The family, its messages of the correspondence by their ids, and the truth about them."""
    about = json.loads((path / "family.json").read_text("utf-8"))
    services = tuple(
        Service(s["service"], s.get("minutes"), None, "", None, None, s.get("provider") or "")
        for s in about["services"]
    )
    book = AddressBook.of(
        school=[*about["school_domains"], *about.get("school_addresses", [])],
        provider=about.get("private_providers", []),
        parent=about["parents"],
        privileged=about.get("privileged", []),
    )
    zone = ZoneInfo(about["timezone"])
    readings: dict[str, Reading] = {}
    for row in _rows(path / "messages.jsonl"):
        raw = (path / "mail" / str(row["folder"]) / f"{row['id']}.eml").read_bytes()
        message = read_message(raw)
        if not row["archive"] or message.date is None:
            continue
        texts = [(part, worker.read(part)) for part in message.attachments]
        roles = {address: book.role_of(address) for address in addresses_of(message)}
        readings[str(row["id"])] = Reading(
            message,
            [(part, text) for part, text in texts if isinstance(text, Extracted)],
            message.date.astimezone(zone).date(),
            roles.get(message.sender.address, Role.OTHER),
            Standing.SCHOOL,
            roles,
        )
    truth = [row for row in _rows(path / "truth.jsonl") if row["id"] in readings]
    family = Family(tuple(about["child"]), services)
    return family, readings, truth


def with_usual(readings: dict[str, Reading], family: Family) -> dict[str, Reading]:
    """With the service that each sender usually writes about, as the build finds it."""
    usual = usual_services(
        (
            one.message.sender.address,
            services_said(one.message.subject, one.message.own_words(), family),
        )
        for one in readings.values()
        if speaks_of_one(one.author)
    )
    return {
        key: replace(one, usual=usual.get(one.message.sender.address, ""))
        for key, one in readings.items()
    }


def pages_of(reading: Reading) -> Pages:
    """The texts of a message: its body's, and of each page of an attachment."""
    pages: Pages = {("body", None): reading.message.body}
    for part, extracted in reading.texts:
        pages.update({(part.name, page.number): page.text for page in extracted.pages})
    return pages


def holding(row: Row, sentences: Iterable[Sentence], pages: Pages) -> Iterator[Sentence]:
    """The sentences that the words of an event stand in."""
    words = str(row["quote"]).translate(_SAME).replace("|", " ").split()
    pattern = re.compile(r"[\s|>]+".join(map(re.escape, words)))
    sentences = list(sentences)
    for place, text in pages.items():
        if place[0] != row["part"]:
            continue
        for match in pattern.finditer(text.translate(_SAME)):
            start, stop = match.span()
            for sentence in sentences:
                run = sentence.run
                common = min(stop, run.end) - max(start, run.start)
                smaller = min(stop - start, run.end - run.start)
                if (sentence.part, sentence.page) == place and common > _OVERLAP * smaller:
                    yield sentence


def _label(key: str, reading: Reading, truth: list[Row]) -> Iterator[Labelled]:
    mine = [row for row in truth if row["id"] == key]
    told = frozenset(EventKind(row["kind"]) for row in mine)
    sentences, pages = list(sentences_of(reading)), pages_of(reading)
    kinds = collections.defaultdict(set)
    for row in mine:
        for sentence in holding(row, sentences, pages):
            kinds[id(sentence)].add(EventKind(row["kind"]))
    for sentence in sentences:
        yield Labelled(sentence, frozenset(kinds[id(sentence)]), told)


def _rows(path: Path) -> list[Row]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]
