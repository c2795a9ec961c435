"""What searching costs: our index beside Whoosh's stock pipeline, on the peers' mailbox.

    python -m benchmarks.search --messages 20000 --stock 5000

The kit in ``shared/bench`` makes mail, queries and planted words; README.md tells the rest.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from whoosh import analysis, fields, qparser
from whoosh import index as whoosh

from archiver.archive import write_archive
from archiver.journal import EntryKind
from archiver.model import Digest, Original, Place, Standing
from archiver.progress import Silent
from indexers.build import READER, local_day
from indexers.database import open_reading
from indexers.directory import Directory, directory_path, update_directory
from indexers.extract.contract import Means
from indexers.extract.registry import fingerprint
from indexers.readers import Readers, Summary
from indexers.search.contract import Document
from indexers.search.evaluate import Archive
from indexers.search.find import find, show
from indexers.search.passages import documents
from indexers.search.update import update_search
from indexers.search.whoosh_index import create_index, open_for_writing, open_index
from indexers.vocabulary import fold

KIT = Path(__file__).resolve().parents[2] / "shared" / "bench" / "kit"
GAP = "zzgapzz"  # stands between passages in the stock index, so that phrases end there too
ZONE = ZoneInfo("America/Phoenix")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--messages", type=int, default=20_000)
    options.add_argument("--stock", type=int, default=5_000, help="how many the stock index gets")
    options.add_argument("--kit", type=Path, default=KIT)
    options.add_argument("--work", type=Path, help="keeps mail and reading for the next time")
    options.add_argument(
        "--ocr", action="store_true", help="read scans too: a second and more a page"
    )
    told = options.parse_args()
    work = told.work or Path(tempfile.gettempdir()) / f"papertrail-search-{told.messages}"
    make_mail(work, told.messages, told.kit)
    db = open_reading(make_reading(work, Means(ocr=told.ocr)))
    numbered = db.execute("SELECT entry, digest FROM messages ORDER BY entry").fetchall()

    rows: list[tuple[str, str]] = [("messages", str(len(numbered)))]
    derived = work / "archive" / "derived"
    shutil.rmtree(derived / "search", ignore_errors=True)
    update_directory(directory_path(derived), db)
    rows.append(("index, CPU s", f"{cpu(lambda: update_search(derived, db, Silent())):.1f}"))
    size = sum(path.stat().st_size for path in (derived / "search").iterdir())
    rows.append(("index, MB", f"{size / 1e6:.0f}"))
    rows.append(("nothing new, CPU s", f"{cpu(lambda: update_search(derived, db, Silent())):.3f}"))
    rows += beside_stock(work, list(documents(db, numbered[: told.stock], Silent())))
    rows += queries(work, derived, db)
    rows.append(("+50 messages, CPU s", f"{cpu(lambda: fifty_more(derived, db, numbered)):.2f}"))
    for name, figure in rows:
        print(f"| {name} | {figure} |")


def make_mail(work: Path, messages: int, kit: Path) -> None:
    if (work / "queries.json").exists():
        return
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    manifest = work / "gen" / "manifest.jsonl"
    if not manifest.exists():
        made = ["--n", str(messages), "--out", str(work / "gen" / "mail")]
        command = [sys.executable, str(kit / "mkmail.py"), *made, "--manifest", str(manifest)]
        subprocess.run(command, check=True, env=environment)
    asked = [str(manifest), str(messages), "7", str(work / "queries.json")]
    command = [sys.executable, str(kit / "mkqueries.py"), *asked]
    subprocess.run(command, check=True, env=environment)


def make_reading(work: Path, means: Means) -> Path:
    """The mail as an archive has it, read but for its events, which search does not need."""
    path = work / "archive" / "derived" / "reading.sqlite"
    if path.exists():
        return path
    mail = work / "gen" / "mail"
    told = map(json.loads, (work / "gen" / "manifest.jsonl").open())
    files = {hashlib.sha256((mail / t["path"]).read_bytes()).hexdigest(): t for t in told}
    now = datetime.now(UTC)
    originals = [
        Original(
            Digest(d), t["size"], now, None, (Place("bench", t["folder"], 1, n),), Standing.WHOLE
        )
        for n, (d, t) in enumerate(files.items(), 1)
    ]
    with write_archive(work / "archive") as archive:
        archive.record(
            (
                EntryKind.RECEIVED,
                {
                    "account": "bench", "folder": o.places[0].folder, "uidvalidity": 1,
                    "uid": o.places[0].uid, "sha256": o.digest, "size": o.size,
                    "standing": o.standing,
                },
            )
            for o in originals
        )  # fmt: skip
    db = open_reading(path)
    Readers(db, path.parent, means, Summary()).read(
        list(enumerate(originals)),
        lambda digest: (mail / files[digest]["path"]).read_bytes(),
        Silent(),
    )
    with db:
        made_by = (READER, fingerprint(means))
        db.execute("INSERT INTO meta VALUES ('reader', ?), ('extractors', ?)", made_by)
        rows = db.execute("SELECT coalesce(sent, fallback_date), digest FROM messages").fetchall()
        for sent, digest in rows:
            day = local_day(datetime.fromisoformat(sent), ZONE).isoformat()
            sql = "UPDATE messages SET standing = 'whole', day = ? WHERE digest = ?"
            db.execute(sql, (day, digest))
    db.close()
    return path


def beside_stock(work: Path, corpus: list[Document]) -> Iterator[tuple[str, str]]:
    """The same documents through both pipelines, and whether they find the same."""
    ours_at, stock_at = (work / name for name in ("ours", "stock"))
    for folder in (ours_at, stock_at):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
    words = analysis.RegexTokenizer(r"[^\W_]+") | analysis.LowercaseFilter()
    schema = fields.Schema(
        number=fields.STORED, text=fields.TEXT(analyzer=words, stored=False, phrase=True)
    )
    stock = whoosh.create_in(str(stock_at), schema)

    def build_stock() -> None:
        writer = stock.writer(limitmb=256)
        for document in corpus:
            text = f" {GAP} ".join(fold(passage.text) for passage in document.passages)
            writer.add_document(number=document.number, text=text)
        writer.commit()

    ours = create_index(ours_at)
    our_cpu, stock_cpu = cpu(lambda: ours.index(corpus)), cpu(build_stock)
    yield f"first {len(corpus)} messages: ours, CPU s", f"{our_cpu:.1f}"
    yield "Whoosh's stock pipeline, CPU s", f"{stock_cpu:.1f} ({stock_cpu / our_cpu:.1f} x ours)"
    parser, same, asked = qparser.QueryParser("text", schema), 0, 0
    with stock.searcher() as searcher:
        for query in json.loads((work / "queries.json").read_text())["queries"]:
            if query["kind"] not in {"term", "phrase", "prefix"}:
                continue
            if query["kind"] == "prefix":
                steps = [ours.begin_with(query["words"][0])]
            else:
                steps = [frozenset({word}) for word in query["words"]]
            theirs = searcher.search(parser.parse(query["recoll"]), limit=None, scored=False)
            asked += 1
            same += set(ours.search(steps)) == {hit["number"] for hit in theirs}
    yield "same hits", f"{same} of {asked} queries"
    ours.close()


def queries(work: Path, derived: Path, db: object) -> Iterator[tuple[str, str]]:
    told = json.loads((work / "queries.json").read_text())
    directory = Directory(directory_path(derived))
    people = [p.address for _, p in directory.everyone() if p.address]
    senders = random.Random(7).sample(people, 30)
    asked = [(q["kind"], q["recoll"]) for q in told["queries"]]
    asked += [("sender", f"from:{address}") for address in senders]
    asked += [("sender", f"from:{a} {asked[n][1]}") for n, a in enumerate(senders)]
    index = open_index(derived / "search")
    archive = Archive(index, directory, db, lambda _: (), date(2026, 3, 1))  # type: ignore[arg-type]
    taken: dict[str, list[float]] = {}
    with_words: list[float] = []
    for turn in range(2):
        for kind, query in asked:
            started = time.perf_counter()
            results = find(query, archive)
            hits = results.top(50)
            searched = time.perf_counter()
            for hit in hits[:20]:
                show(archive.reading, archive, results, hit.numbers[0])
            if turn:
                taken.setdefault(kind, []).append(searched - started)
                with_words.append(time.perf_counter() - started)
    for kind, times in sorted(taken.items()):
        yield f"{kind}, warm, p50 / p95 ms", percentiles(times)
    yield "all, warm, p50 / p95 ms", percentiles([t for times in taken.values() for t in times])
    yield "all, with 20 snippets, p50 / p95 ms", percentiles(with_words)
    for kind, needles in told["needles"].items():
        found = sum(bool(find(needle, archive).messages) for needle in needles)
        yield f"planted words found, {kind}", f"{found} of {len(needles)}"
    index.close()
    directory.close()


def fifty_more(derived: Path, db: object, numbered: list[tuple[int, str]]) -> None:
    """What a night of 50 messages adds: checksums first, then one commit."""
    index = open_for_writing(derived / "search")
    assert index is not None
    last = numbered[-1][0]
    added = documents(db, numbered[:50], Silent())  # type: ignore[arg-type]
    index.index(Document(last + n, d.passages) for n, d in enumerate(added, 1))
    index.close()


def percentiles(times: Iterable[float]) -> str:
    cuts = statistics.quantiles(times, n=20)
    return f"{cuts[9] * 1000:.1f} / {cuts[18] * 1000:.1f}"


def cpu(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


if __name__ == "__main__":
    main()
