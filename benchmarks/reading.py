"""What reading costs: a mailbox beside Recoll, a page of a scan beside Tesseract; and its mistakes.

    python -m benchmarks.reading [--mail FOLDER] [--skip-mailbox] [--skip-scans]

The mailbox is that of the kit (2,000 messages, 1,411 PDF pages), read without OCR, as Recoll does.
Trust CPU over wall on a busy machine, and ratios over both.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import shutil
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from archiver.model import Digest, Original, Standing
from archiver.progress import Silent
from archiver.roles import AddressBook
from benchmarks.measure import Cost, measure
from benchmarks.pull import generated_mail
from benchmarks.scans import GRID, all_scans, errors, grid, render, scans
from indexers.build import View, build
from indexers.database import remove_reading
from indexers.extract import ocr
from indexers.extract.contract import Means
from indexers.model import Family

MESSAGES = 2000
EVENTS = "looking for events"
OF_RECOLL, MOST_MB = 0.7, 400.0
MOST_WRONG = {"shaded photo": 0.03}  # share of characters; else 0.01


def main() -> int:
    """Print the tables; 1 where a bound is missed."""
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--mail", type=Path, help="mail that the kit made before")
    given.add_argument("--skip-mailbox", action="store_true")
    given.add_argument("--skip-scans", action="store_true")
    given.add_argument("--build", type=Path, help=argparse.SUPPRESS)
    told = given.parse_args()
    if told.build:
        build_only(told.build, told.mail)
        return 0
    kept = True
    if not told.skip_mailbox:
        with tempfile.TemporaryDirectory(prefix="papertrail-reading-") as work:
            kept &= mailbox(Path(work), generated_mail(MESSAGES, told.mail))
    if not told.skip_scans:
        kept &= pages()
    return 0 if kept else 1


def mailbox(work: Path, mail: Path) -> bool:
    """Reading and indexing all of it, then the same again from the texts that were kept."""
    log = work / "log"
    found: dict[str, Cost] = {}
    steps: dict[str, dict[str, float]] = {}
    for name in ("papertrail", "papertrail, again"):
        remove_reading(work / "reading.sqlite")
        shutil.rmtree(work / "search", ignore_errors=True)
        (work / "directory.sqlite").unlink(missing_ok=True)
        command = [sys.executable, "-m", "benchmarks.reading", "--build", str(work)]
        found[name] = measure([*command, "--mail", str(mail)], log)
        steps[name] = json.loads((work / "steps.json").read_text(encoding="utf-8"))
    recoll = _recoll(work, mail, log)
    if recoll is not None:
        found["Recoll"] = recoll
    print("\n| | CPU s | wall s | largest process, MB |\n|---|---:|---:|---:|")
    for name, cost in found.items():
        memory = f"{cost.rss_mb:.0f}" if cost.rss_mb is not None else "-"
        print(f"| {name} | {cost.cpu_s:.1f} | {cost.wall_s:.1f} | {memory} |")
    print()
    for name, parts in steps.items():
        print(f"{name}: " + ", ".join(f"{step} {cpu:.1f} s" for step, cpu in parts.items()))
    ours = found["papertrail"]
    kept = ours.rss_mb is None or ours.rss_mb < MOST_MB
    if recoll is not None:
        # Recoll looks for no events.
        cpu = ours.cpu_s - steps["papertrail"].get(EVENTS, 0.0)
        ratio = cpu / recoll.cpu_s
        print(f"\nCPU without {EVENTS}: {ratio:.2f} of Recoll's (at most {OF_RECOLL}).")
        kept &= ratio <= OF_RECOLL
    return kept


class Clock(Silent):
    """A Progress that notes the CPU of each step, child processes that have ended included."""

    def __init__(self) -> None:
        self.steps: dict[str, float] = {}
        self._step, self._since = "", 0.0

    def start(self, what: str, total: int) -> None:  # noqa: ARG002
        self._step, self._since = what, _cpu()

    def finish(self) -> None:
        self.steps[self._step] = self.steps.get(self._step, 0.0) + _cpu() - self._since


def _cpu() -> float:
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system


def build_only(work: Path, mail: Path) -> None:
    """What the measured process does: messages of a Maildir read, indexed, looked for events."""
    paths = sorted(p for p in mail.rglob("*") if p.parent.name in {"cur", "new"})
    by_digest = {Digest(hashlib.sha256(p.read_bytes()).hexdigest()): p for p in paths}
    at = datetime(2026, 4, 1, tzinfo=UTC)
    originals = [
        Original(digest, p.stat().st_size, at, None, (), Standing.SCHOOL)
        for digest, p in by_digest.items()
    ]
    book = AddressBook.of(school=["*"], provider=[], parent=[], privileged=[])
    view = View(ZoneInfo("America/Phoenix"), book, Family(("Jonas",)))
    clock = Clock()
    build(originals, lambda d: by_digest[d].read_bytes(), work, view, clock, Means(ocr=False))
    (work / "steps.json").write_text(json.dumps(clock.steps), encoding="utf-8")


def _recoll(work: Path, mail: Path, log: Path) -> Cost | None:
    """As the kit has it: no photographs, no OCR."""
    if shutil.which("recollindex") is None:
        print("Recoll is not on this computer.", file=sys.stderr)
        return None
    settings = work / "recoll"
    settings.mkdir()
    (settings / "recoll.conf").write_text(
        f"topdirs = {mail}\nloglevel = 2\nidxlogfilename = {work}/recoll.log\n"
        "excludedmimetypes = image/jpeg\nindexstemminglanguages = english\n",
        encoding="utf-8",
    )
    return measure(["recollindex", "-c", str(settings)], log)


def pages() -> bool:
    """Character errors and seconds by what happened to the page; then the grid of an IEP."""
    wrong: dict[tuple[str, int], list[float]] = defaultdict(list)
    ours: dict[tuple[str, int], list[float]] = defaultdict(list)
    theirs: list[float] = []
    mine: list[float] = []
    for scan in all_scans():
        began = time.process_time()
        read = ocr.recognise(scan.picture, scan.dpi)
        seconds = time.process_time() - began
        wrong[scan.kind, scan.dpi].append(errors(read.text, scan.text))
        ours[scan.kind, scan.dpi].append(seconds)
        if scan.kind == "clean" and shutil.which("tesseract"):
            mine.append(seconds)
            theirs.append(_tesseract(scan.picture, scan.dpi))
    print("\n| page | dots per inch | characters wrong | CPU s a page |\n|---|---:|---:|---:|")
    kept = True
    for (kind, dpi), shares in wrong.items():
        most = MOST_WRONG.get(kind, 0.01)
        kept &= max(shares) < most
        seconds = statistics.mean(ours[kind, dpi])
        print(f"| {kind} | {dpi} | {100 * max(shares):.2f} % | {seconds:.2f} |")
    if theirs:
        a, b = statistics.mean(mine), statistics.mean(theirs)
        print(f"\nClean pages: {a:.2f} CPU s a page here, {b:.2f} by the program tesseract.")
    return kept & _grids()


def _grids() -> bool:
    cells = right = tables = 0
    for ruled in (True, False):
        for dpi in (150, 200, 300):
            page = render(grid(ruled=ruled), dpi)
            for degrade in scans().values():
                found = ocr.recognise(degrade(page, random.Random(dpi)), dpi).tables
                rows = found[0].rows if found and len(found[0].rows) == len(GRID) else ()
                tables += bool(rows)
                cells += sum(map(len, GRID))
                right += sum(
                    a.replace(" ", "") == b.replace(" ", "")
                    for mine, theirs in zip(rows, GRID, strict=False)
                    for a, b in zip(mine, theirs, strict=False)
                )
    print(
        f"\nGrid of an IEP, 42 scans: {tables} with all their rows; {right} of {cells} cells right."
    )
    return tables == 42


def _tesseract(picture: object, dpi: int) -> float:
    """CPU seconds of the program for one page."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "page.png"
        picture.save(path)  # type: ignore[attr-defined]
        command = ["tesseract", str(path), "-", "--dpi", str(dpi), "--psm", "1"]
        return measure(command, Path(folder) / "log").cpu_s


if __name__ == "__main__":
    raise SystemExit(main())
