"""The whole detection on families never seen, by the scorer of labelled mailboxes.

usage: python -m benchmarks.events.score --work FOLDER --scorer score_events.py MAILBOX [...]

FOLDER is that of benchmarks.events.train after its steps 0, 1 and 2: what each family's sentences
came to for readers that had not seen the family. From there on everything is the program's own:
claims, days, services, what `papertrail timeline --format jsonl` prints. With --save FOLDER the
timelines are kept.
"""

from __future__ import annotations

import argparse
import json
import pickle
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from archiver.model import Standing
from benchmarks.events.lessons import KINDS
from benchmarks.events.mailboxes import Box, read_boxes
from benchmarks.events.weighing import Reading as Row
from benchmarks.events.weighing import blend_without
from indexers.events import find_events
from indexers.model import LIKELY, Family, Reading
from indexers.query import MessageSummary
from indexers.records import everyone
from indexers.rules.blend import Blend
from indexers.rules.contract import Claim, Sentence
from indexers.rules.learned import Learned, Odds
from reports.chronology import build_chronology
from reports.render_rows import render_jsonl


class Held(Learned):
    """What readers made of a message that had not seen its family."""

    def __init__(self, row: Row, blend: Blend, reading: Reading) -> None:
        super().__init__(None, None, blend)  # type: ignore[arg-type]
        self._row = row
        self._reading = reading

    def claims(
        self, reading: Reading, sentences: Sequence[Sentence], family: Family
    ) -> Iterator[Claim]:
        """Of the message itself: nothing was kept of what it forwards."""
        return super().claims(reading, sentences, family) if reading is self._reading else iter(())

    def odds(
        self,
        reading: Reading,  # noqa: ARG002
        sentences: Sequence[Sentence],  # noqa: ARG002
        family: Family,  # noqa: ARG002
    ) -> list[tuple[Odds, Odds | None]]:
        """The log-odds that were kept."""
        pairs = zip(self._row.linear, self._row.encoder, strict=True)
        return [(_odds(linear), _odds(encoder)) for linear, encoder in pairs]


def _odds(row: np.ndarray) -> Odds | None:
    return None if np.isnan(row).any() else dict(zip(KINDS, map(float, row), strict=True))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("mailboxes", nargs="+", type=Path)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--scorer", type=Path, required=True)
    parser.add_argument("--save", type=Path)
    options = parser.parse_args()
    boxes = read_boxes(options.mailboxes)
    found = {}
    for path in sorted(options.work.glob("fold*.pickle")):
        found.update(pickle.loads(path.read_bytes()))
    rows = {(b.name, k): Row(b.name, k, of, *found[b.name, k]) for b in boxes
            for k, of in b.labelled.items() if (b.name, k) in found}  # fmt: skip
    boxes = [box for box in boxes if any(name == box.name for name, _ in rows)]
    figures = {}
    with tempfile.TemporaryDirectory() as folder:
        save = options.save or Path(folder)
        save.mkdir(parents=True, exist_ok=True)
        for box in boxes:
            blend = blend_without(box, list(rows.values()), boxes)
            for name, least in (("likely", LIKELY), ("all", 0.0)):
                path = save / f"{box.name}.{name}.jsonl"
                path.write_text(timeline(box, rows, blend, least), "utf-8")
                command = [sys.executable, options.scorer, box.path, path, "--json"]
                printed = subprocess.run(command, capture_output=True, check=True, text=True)
                figures[box.name, name] = json.loads(printed.stdout)
    print_figures(figures, [box.name for box in boxes])


def timeline(box: Box, rows: dict[tuple[str, str], Row], blend: Blend, least: float) -> str:
    """The chronology of a mailbox, as `papertrail timeline --format jsonl` prints it."""
    events, messages = [], {}
    for key, reading in box.readings.items():
        found = find_events(reading, box.family, Held(rows[box.name, key], blend, reading))
        events += [event for event in found if event.confidence >= least]
        message = reading.message
        messages[message.digest] = MessageSummary(
            message.digest,
            message.message_id,
            message.date,
            message.sender,
            tuple(everyone(message)),
            message.subject,
            Standing.SCHOOL,
        )
    return render_jsonl(build_chronology(events, messages))


def print_figures(figures: dict[tuple[str, str], dict], names: Sequence[str]) -> None:
    """One line a mailbox and group: said, dated and entry, and recall of all suggestions."""
    groups = ("proposals", "objections", "missed services", "the three asked for", "all")
    print(f"{'':38}{'said: P    R   F1':>18}{'dated: P    R   F1':>20}{'entry':>10}{'all R':>10}")
    for group in groups:
        total = {n: dict.fromkeys(("true", "found", "hit"), 0) for n in ("said", "dated", "entry")}
        every = {"true": 0, "hit": 0}
        for name in names:
            of, faint = figures[name, "likely"][group], figures[name, "all"][group]
            for figure, counts in total.items():
                for key in counts:
                    counts[key] += of[figure][key]
            for key in every:
                every[key] += faint["said"][key]
            _print(f"{group}: {name}", of, faint["said"]["recall"])
        pooled = {n: _figures(c) for n, c in total.items()}
        _print(f"{group}: ALL FAMILIES", pooled, every["hit"] / (every["true"] or 1))


def _figures(counts: dict[str, int]) -> dict[str, float]:
    p, r = counts["hit"] / (counts["found"] or 1), counts["hit"] / (counts["true"] or 1)
    return {"precision": p, "recall": r, "f1": 2 * p * r / ((p + r) or 1)}


def _print(name: str, of: dict, recall: float) -> None:
    said, dated = (
        f"{f['precision']:10.2f}{f['recall']:5.2f}{f['f1']:5.2f}" for f in (of["said"], of["dated"])
    )
    print(f"{name:36}{said}{dated}{of['entry']['f1']:10.2f}{recall:10.2f}")


if __name__ == "__main__":
    main()
