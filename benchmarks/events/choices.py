"""Learn what choices.json holds: which service, which topics; and say how good.

usage: python -m benchmarks.events.choices [--cache FOLDER] [--write] [--no-judging]
           [--folds FOLDER] MAILBOX [MAILBOX ...]

Each family is judged by what was learned of all others (``--no-judging``: it is not); the figures
are of sentences that the truth points to (accuracy; of topics the overlap). ``--write`` learns of
all of them what ships. ``--folds`` keeps what was learned without each family: as the choices.json
of a copy of this checkout, benchmarks/events/attributes.py there judges that family by it.
There is no chance in it: the same mailboxes give the same file. A mailbox is as in attributes.py.
Needs scikit-learn (for its scipy) beside the project; what was learned needs neither.
"""

from __future__ import annotations

import argparse
import collections
import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from archiver.config import SERVICES
from benchmarks.events.attributes import Box, load
from benchmarks.events.mailboxes import holding, pages_of
from benchmarks.events.weighing_choices import fit
from indexers.attributes import lost, matter, pointers
from indexers.model import SERVICE_KINDS, EventKind
from indexers.rules.choosing import Signs, chooser_from
from indexers.rules.reasons import reason_signs
from indexers.rules.serving import service_signs
from indexers.rules.topics import ENOUGH, MOST, topic_signs
from indexers.when import days_of

RULES = Path(__file__).resolve().parents[2] / "indexers" / "rules"
WHATS = ("service", "topics", "reason")
# How strongly weights are held to zero, of words, pointers, codes. No service is likelier by
# itself: what a family gets is its own.
STIFF = {"service": (100.0, 0.3, 10_000.0), "topics": (4.0, 0.3, 1.0), "reason": (15.0, 0.3, 1.0)}


@dataclass(frozen=True, slots=True)
class Case:
    """What is seen of an event, and what is true of it."""

    box: str
    message: str
    kind: str
    signs: Signs
    true: frozenset[str]


def cases(box: Box) -> Iterator[tuple[str, Case]]:
    """Every sentence that the truth points to, by what it teaches."""
    for key, reading, claims, wanted, _ in box.claims():
        pages = pages_of(reading)
        told = collections.defaultdict(list)
        sentences = [claim.sentence for claim in claims]
        for row in wanted:
            for sentence in holding(row, sentences, pages):
                if row not in told[row["kind"], id(sentence)]:
                    told[row["kind"], id(sentence)].append(row)
        for claim in claims:
            kind, sentence = claim.kind, claim.sentence
            rows = told[kind.value, id(sentence)]
            if kind in SERVICE_KINDS:
                yield from _served(box, key, reading, kind, sentence, rows)
                continue
            topics = frozenset(topic for row in rows for topic in row["topics"] or ())
            if topics:
                signs = topic_signs(matter(kind, sentence, reading), box.family)
                yield "topics", Case(box.name, key, kind.value, signs, topics)


def _served(box, key, reading, kind, sentence, rows):
    """Of each day of a sentence the service, where the truth is one."""
    text = sentence.run.text
    for dated in days_of(kind, text, sentence.run.row, sentence.setting, reading.day):
        same = [row for row in rows if row["date"] == dated.on.isoformat()] or rows
        services = frozenset(row["service"] for row in same)
        if len(services) != 1:
            continue
        given = kind is EventKind.DELIVERED_SERVICE
        reasons = frozenset(row["reason"] for row in same if row["reason"])
        if len(reasons) == 1:
            (service,) = services
            signs = reason_signs(lost(sentence, dated, service, reading), box.family)
            yield "reason", Case(box.name, key, kind.value, signs, reasons)
        at = pointers(sentence, dated.clause, reading, given=given)
        yield "service", Case(box.name, key, kind.value, service_signs(at, box.family), services)


def learn(what: str, given: Sequence[Case]) -> dict[str, object]:
    """One part of choices.json."""
    weights = collections.Counter((c.box, c.message, c.true) for c in given)
    return fit(
        [c.signs for c in given],
        [c.true for c in given],
        [c.box for c in given],
        [weights[c.box, c.message, c.true] ** -0.5 for c in given],
        exclusive=what != "topics",
        codes=SERVICES if what == "service" else (),
        stiff=STIFF[what],
    )


def judge(what: str, fields: dict[str, object], held: Sequence[Case]) -> list[float]:
    """How right the choice is for each case, 0 to 1."""
    chooser = chooser_from(fields)
    values = []
    for case in held:
        if what == "topics":
            found = set(chooser.likely(case.signs, ENOUGH, MOST))
            values.append(len(found & case.true) / len(found | case.true))
        else:
            values.append(float(chooser.best(case.signs) in case.true))
    return values


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("mailboxes", nargs="+", type=Path)
    parser.add_argument("--cache", type=Path, help="a folder for what was read of the attachments")
    parser.add_argument("--write", action="store_true", help="write choices.json")
    parser.add_argument("--folds", type=Path, help="a folder for what is learned without each")
    parser.add_argument("--no-judging", action="store_true", help="only write: quicker")
    options = parser.parse_args()
    known = collections.defaultdict(list)
    boxes = sorted(load(options.mailboxes, options.cache), key=lambda box: box.name)
    for box in boxes:
        for what, case in cases(box):
            known[what].append(case)
    if not options.no_judging:
        _cross_validate(known, [box.name for box in boxes], options.folds)
    if options.write:
        fields = {what: learn(what, known[what]) for what in WHATS}
        write(RULES / "choices.json", fields)


def _cross_validate(known, names, folds) -> None:
    print(f"{'':16}" + "".join(f"{what:>16}" for what in WHATS))
    every = collections.defaultdict(list)
    for name in names:
        fields, line = {}, f"{name:16}"
        for what in WHATS:
            fields[what] = learn(what, [c for c in known[what] if c.box != name])
            values = judge(what, fields[what], [c for c in known[what] if c.box == name])
            every[what] += values
            line += f"{sum(values) / (len(values) or 1):10.3f} ({len(values)})".rjust(16)
        print(line, flush=True)
        if folds:
            folds.mkdir(parents=True, exist_ok=True)
            write(folds / f"{name}.json", fields)
    print(f"{'all':16}" + "".join(f"{sum(v) / len(v):16.3f}" for v in every.values()))


def write(path: Path, fields: dict[str, object]) -> None:
    """The file, with a version that changes whenever a weight does."""
    digest = hashlib.sha256(json.dumps(fields, sort_keys=True).encode()).hexdigest()[:12]
    whole = {"version": digest, **fields}
    path.write_text(json.dumps(whole, ensure_ascii=False, separators=(",", ":")) + "\n", "utf-8")


if __name__ == "__main__":
    main()
