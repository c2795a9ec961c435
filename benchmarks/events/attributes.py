"""Score days, services and the other attributes, given where the events are.

usage: python -m benchmarks.events.attributes [--misses N] [--only WHAT] MAILBOX [MAILBOX ...]

A MAILBOX is a folder with mail/FOLDER/ID.eml, family.json, messages.jsonl and truth.jsonl. The
truth says which words of which part tell an event of which kind; the sentences that hold those
words become claims as if detection were perfect, and what is made of the claims is compared with
the truth. No chance in it; of services and topics the figures are of what choices.json has learned.

  days      (message, kind, date, end)
  dated     and the service: the set of a message, as score_events.py counts it
  the rest  of the events that are rightly dated
"""

from __future__ import annotations

import argparse
import collections
import hashlib
import pickle
from pathlib import Path

from benchmarks.events.mailboxes import holding, pages_of, read_mailbox, with_usual
from indexers.attributes import events_of
from indexers.events import sentences_of
from indexers.extract.worker import ExtractionWorker
from indexers.model import SERVICE_KINDS, EventKind
from indexers.rules.contract import Claim
from indexers.settling import settle

# What a kept reading was made by; it is made anew where that has changed.
_READERS = ("indexers/extract/*.py", "indexers/m*.py", "indexers/own_words.py", "indexers/html.py",
            "archiver/outlook*.py", "benchmarks/events/mailboxes.py")  # fmt: skip
WHATS = ("days", "dated", "service", "minutes", "reason", "topics", "actor")


class Box:
    """A labelled mailbox, read."""

    def __init__(self, path: Path, worker: ExtractionWorker) -> None:
        self.name = path.name
        self.family, self.readings, self.truth = read_mailbox(path, worker)

    def claims(self):
        """(message id, reading, claims that perfect detection would make), and rows without one."""
        rows = collections.defaultdict(list)
        for row in self.truth:
            rows[row["id"]].append(row)
        for key, wanted in rows.items():
            reading = self.readings[key]
            sentences = list(sentences_of(reading))
            pages = pages_of(reading)
            chosen, lost = {}, []
            for row in wanted:
                kind = EventKind(row["kind"])
                found = list(holding(row, sentences, pages))
                chosen.update({(kind, id(s)): Claim(kind, s, 1.0, "given") for s in found})
                if not found:
                    lost.append(row)
            yield key, reading, list(chosen.values()), wanted, lost


def load(paths, cache):
    """The mailboxes; attachments are read once for each state of the readers."""
    boxes = []
    with ExtractionWorker() as worker:
        for path in paths:
            kept = None
            if cache:
                code = b"".join(p.read_bytes() for g in _READERS for p in sorted(Path().glob(g)))
                name = hashlib.sha256(code + str(path.resolve()).encode()).hexdigest()[:16]
                kept = cache / f"{name}.pickle"
            if kept and kept.exists():
                boxes.append(pickle.loads(kept.read_bytes()))
                continue
            boxes.append(Box(path, worker))
            if kept:
                cache.mkdir(parents=True, exist_ok=True)
                kept.write_bytes(pickle.dumps(boxes[-1]))
    for box in boxes:
        box.readings = with_usual(box.readings, box.family)
    return boxes


def key_of(row, *, service):
    """What the scorer compares."""
    kind = row["kind"]
    named = row["service"] if service and EventKind(kind) in SERVICE_KINDS else None
    return (kind, row["date"], row["end"], named)


def as_row(event):
    """An event with the keys of the truth."""
    return {
        "kind": event.kind.value, "date": event.on.isoformat(),
        "end": event.end.isoformat() if event.end else None, "service": event.service,
        "minutes": event.minutes, "reason": event.reason, "topics": list(event.topics),
        "actor": event.actor.value, "quote": event.citation.quote, "words": event.date_words,
    }  # fmt: skip


class Tally:
    """Hits, found and true, or a mean."""

    def __init__(self) -> None:
        self.hit = self.found = self.true = 0
        self.values: list[float] = []

    def sets(self, true, found):
        self.hit, self.true, self.found = (
            self.hit + len(true & found),
            self.true + len(true),
            self.found + len(found),
        )

    def show(self):
        if self.true or self.found:
            p, r = self.hit / (self.found or 1), self.hit / (self.true or 1)
            return f"P {p:.3f} R {r:.3f} F1 {2 * p * r / ((p + r) or 1):.3f} ({self.true})"
        return f"{sum(self.values) / (len(self.values) or 1):.3f} ({len(self.values)})"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("mailboxes", nargs="+", type=Path)
    parser.add_argument("--misses", type=int, default=0, help="so many of each figure and mailbox")
    parser.add_argument("--only", choices=WHATS, help="misses of this figure alone")
    parser.add_argument("--cache", type=Path, help="a folder for what was read of the attachments")
    options = parser.parse_args()
    boxes = load(options.mailboxes, options.cache)
    tallies = collections.defaultdict(Tally)
    wrong = collections.defaultdict(list)
    lost = 0
    for box in boxes:
        for key, reading, claims, wanted, without in box.claims():
            lost += len(without)
            events = settle([e for claim in claims for e in events_of(claim, reading, box.family)])
            found = {key_of(row, service=True): row for row in map(as_row, events)}
            sent = reading.day.strftime("%a %F")
            rows = {key_of(row, service=True): row for row in wanted}
            for what, served in (("days", False), ("dated", True)):
                true = {key_of(row, service=served) for row in wanted}
                seen = {key_of(row, service=served) for row in found.values()}
                for kind in {k[0] for k in true | seen}:
                    of = [{k for k in s if k[0] == kind} for s in (true, seen)]
                    for group in (kind, "all", box.name):
                        tallies[what, group].sets(*of)
                    if of[0] != of[1]:
                        quotes = {row["quote"] for row in (*wanted,) if row["kind"] == kind}
                        texts = {c.sentence.run.text for c in claims if c.kind == kind}
                        wrong[box.name, what].append(
                            (
                                key,
                                sent,
                                kind,
                                "TRUE",
                                sorted((k[1:] for k in of[0]), key=str),
                                "FOUND",
                                sorted((k[1:] for k in of[1]), key=str),
                                "QUOTES",
                                quotes,
                                "TEXT",
                                texts,
                            )
                        )
            for k in rows.keys() & found.keys():
                t, f = rows[k], found[k]
                checks = {"actor": t["actor"] == f["actor"]}
                if EventKind(t["kind"]) in SERVICE_KINDS:
                    checks["minutes"] = t["minutes"] == f["minutes"]
                if t["kind"] == "missed_service":
                    checks["reason"] = t["reason"] == f["reason"]
                if t["topics"]:
                    a, b = set(t["topics"]), set(f["topics"])
                    checks["topics"] = len(a & b) / len(a | b)
                for what, value in checks.items():
                    for group in (t["kind"], "all", box.name):
                        tallies[what, group].values.append(float(value))
                    if value != 1:
                        wrong[box.name, what].append(
                            (
                                key,
                                sent,
                                t["kind"],
                                "TRUE",
                                t[what],
                                "FOUND",
                                f[what],
                                "QUOTE",
                                t["quote"],
                                "TEXT",
                                f["quote"],
                            )
                        )
            by_day = collections.defaultdict(set), collections.defaultdict(set)
            for side, group in zip(by_day, (rows, found), strict=True):
                for k in group:
                    if EventKind(k[0]) in SERVICE_KINDS:
                        side[k[:3]].add(k[3])
            for k in by_day[0].keys() & by_day[1].keys():
                right = by_day[0][k] == by_day[1][k]
                for group in (k[0], "all", box.name):
                    tallies["service", group].values.append(right)
                if not right:
                    texts = {c.sentence.run.text for c in claims if c.kind == k[0]}
                    wrong[box.name, "service"].append(
                        (
                            key,
                            sent,
                            reading.message.sender.name,
                            reading.message.subject,
                            k,
                            "TRUE",
                            by_day[0][k],
                            "FOUND",
                            by_day[1][k],
                            "TEXT",
                            texts,
                        )
                    )
    if options.misses:
        for (name, what), rows in wrong.items():
            if options.only in {None, what}:
                for row in rows[: options.misses]:
                    print(name[:4], what, *row)
    groups = [*EventKind, "all", *(box.name for box in boxes)]
    for group in groups:
        print(group)
        for what in WHATS:
            if (what, str(group)) in tallies:
                print(f"   {what:8} {tallies[what, str(group)].show()}")
    print(f"truth in no sentence: {lost}")


if __name__ == "__main__":
    main()
