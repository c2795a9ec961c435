"""`papertrail search`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from archiver.cli.main import App
from archiver.cli.show import format_option, print_lines, print_rows
from archiver.errors import ArchiveError, ExitCode

if TYPE_CHECKING:
    from archiver.config import Settings
    from archiver.model import Digest
    from indexers.search.evaluate import Archive
    from indexers.search.find import Found, Results
    from indexers.search.language import Field

_SCREEN = 20  # hits; --format jsonl and csv print all


class NoSuchHitError(ArchiveError):
    """--open names a hit that is not there."""

    exit_code = ExitCode.USAGE

    def __init__(self, number: int, hits: int) -> None:
        found = "nothing was found" if not hits else f"there are {hits}"
        super().__init__(f"There is no hit number {number}: {found}.")


# A word may begin with a minus: "speech -cancelled" is a search, not an option.
@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("words", nargs=-1, required=True, type=click.UNPROCESSED)
@click.option("--after", type=click.DateTime(["%Y-%m-%d"]), help="Sent on this day or later.")
@click.option("--before", type=click.DateTime(["%Y-%m-%d"]), help="Sent before this day.")
@click.option("--from", "sender", default="", help="The sender's name or address, or a word of it.")
@click.option("--sort", type=click.Choice(["best", "date"]), default="best", show_default=True,
              help="The best hit first, or the latest.")  # fmt: skip
@click.option("--limit", type=click.IntRange(1), help="How many hits to print; 20 on the screen.")
@click.option("--fold/--no-fold", default=None,
              help="One hit for a conversation or a copied text; so on the screen.")  # fmt: skip
@click.option("--open", "opened", type=click.IntRange(1), metavar="N", help="Print hit N in full.")
@click.option("--export", type=click.Path(path_type=Path, file_okay=False), metavar="FOLDER",
              help="Copy the hits' originals there; privileged mail is left out.")  # fmt: skip
@click.option("--with-privileged", is_flag=True,
              help="With --export: privileged and family mail too.")  # fmt: skip
@format_option
@click.pass_obj
def search(
    app: App,
    words: tuple[str, ...],
    after: datetime | None,
    before: datetime | None,
    sender: str,
    sort: str,
    limit: int | None,
    fold: bool | None,
    opened: int | None,
    export: Path | None,
    with_privileged: bool,
    form: str,
) -> None:
    """Find the messages for which WORDS hold, attachments included.

    All words must occur, in any form; "in quotes" exactly so; OR, NOT or -word, (parentheses),
    begin*; from: to: cc: with: subject: attachment: type: kind: service: before: after: during:
    in: has: is: thread:. docs/search.md explains them all.
    """
    from archiver.cli.searching import open_search  # noqa: PLC0415
    from indexers.search.find import find  # noqa: PLC0415

    folded = form == "table" if fold is None else fold
    with open_search(app.settings) as archive:
        results = find(
            _join(words),
            archive,
            narrowed=_narrowed(after, before, sender),
            by_date=sort == "date",
            fold=folded,
        )
        if export is not None:
            _export(app.settings, archive, results, export, everything=with_privileged)
            return
        if opened is not None:
            if opened > results.hits:
                raise NoSuchHitError(opened, results.hits)
            _open(app.settings, archive, results.top(opened)[-1].numbers[0])
            return
        if form == "table":
            query = _join(words)
            print_lines(
                [
                    *_lines(app.settings, archive, results, limit or _SCREEN),
                    *([] if sender else _own_record(app.settings, query, after, before)),
                ]
            )
        else:
            print_rows(list(_records(app.settings, archive, results, limit)), form, ())


def _join(words: tuple[str, ...]) -> str:
    """Words as typed; what the shell took the quotes off gets them back."""
    if len(words) == 1:
        return words[0]
    return " ".join(f'"{word}"' if " " in word and '"' not in word else word for word in words)


def _narrowed(after: datetime | None, before: datetime | None, sender: str) -> list[Field]:
    from indexers.search.language import Field  # noqa: PLC0415

    found = [Field(name, day.date().isoformat())
             for name, day in (("after", after), ("before", before)) if day]  # fmt: skip
    return [*found, *([Field("from", sender)] if sender else [])]


def _records(
    settings: Settings, archive: Archive, results: Results, limit: int | None
) -> Iterator[dict[str, object]]:
    from indexers.search.find import show  # noqa: PLC0415

    for hit in results.top(limit):
        found = show(archive.reading, archive, results, hit.numbers[0])
        yield {
            **_record(settings, found),
            "folded": len(hit.numbers) - 1,
            "also": [archive.directory.digest(number) for number in hit.numbers[1:]],
        }


def _record(settings: Settings, found: Found) -> dict[str, object]:
    return {
        "sha256": found.digest,
        "message_id": found.message_id,
        "date": found.sent.astimezone(settings.timezone).isoformat() if found.sent else None,
        "from": found.sender.address,
        "name": found.sender.name,
        "to": ", ".join(person.address or person.name for person in found.recipients),
        "subject": found.subject,
        "part": found.part,
        "page": found.page,
        "snippet": found.snippet,
        "places": found.places,
        "standing": found.standing,
        "thread": found.thread[:12],
    }


def _lines(settings: Settings, archive: Archive, results: Results, limit: int) -> Iterator[object]:
    from indexers.search.find import show  # noqa: PLC0415

    for number, hit in enumerate(results.top(limit), 1):
        found = show(archive.reading, archive, results, hit.numbers[0])
        yield from _hit(number, found, len(hit.numbers), settings)
    yield from _tally(results, limit)


def _own_record(
    settings: Settings, query: str, after: datetime | None, before: datetime | None
) -> Iterator[object]:
    """What the search finds in the running log, behind the mail."""
    from rich.text import Text  # noqa: PLC0415

    from archiver.cli.log_keeping import search_entries  # noqa: PLC0415
    from archiver.cli.log_show import line  # noqa: PLC0415
    from indexers.logbook import told  # noqa: PLC0415

    found = [
        entry
        for entry in search_entries(settings, query)
        if (after is None or (told(entry).end or told(entry).on) >= after.date())
        and (before is None or told(entry).on < before.date())
    ]
    if found:
        yield f"In your own record: {len(found)}. `papertrail log show N` prints one."
        yield from (Text(line(entry)) for entry in found)


def _hit(number: int, found: Found, messages: int, settings: Settings) -> Iterator[object]:
    from rich.text import Text  # noqa: PLC0415

    sent = found.sent.astimezone(settings.timezone) if found.sent else None
    line = Text(f"{number:3}  {f'{sent:%Y-%m-%d}' if sent else 'no date'}  ", style="bold")
    line.append(found.sender.name or found.sender.address or "unknown")
    if found.recipients:
        first, further = found.recipients[0], len(found.recipients) - 1
        more = f" and {further} more" if further else ""
        line.append(f" to {first.name or first.address}{more}", style="not bold")
    line.append(f": {found.subject or '(no subject)'}", style="not bold")
    if found.standing in {"privileged", "family"}:
        line.append(f"  [{found.standing}]", style="bold red")
    yield line
    page = "" if found.page is None else f", page {found.page}"
    place = "" if found.part == "body" else f"{found.part}{page}: "
    words = Text(f"     {place}{found.snippet}")
    for start, end in found.marks:
        words.stylize("bold", 5 + len(place) + start, 5 + len(place) + end)
    yield words
    others = [f"{found.places} places in it"] if found.places > 1 else []
    if messages > 1:
        others.append(f"{messages - 1} more in its conversation or with the same text")
    yield Text("     " + "  ".join([found.digest[:12], *others]), style="dim")


def _tally(results: Results, limit: int) -> Iterator[object]:
    from indexers.search.language import Or, render  # noqa: PLC0415

    if not results.messages:
        yield "Nothing was found. All words must occur in one message; try fewer, or begin*."
        for word, near in results.suggestions:
            yield f"Nobody wrote {word!r}. Did you mean {near!r}?"
        return
    hits = results.hits
    text = f"{results.messages} message{'' if results.messages == 1 else 's'}"
    if hits != results.messages:
        text += f" in {hits} conversation{'' if hits == 1 else 's'}"
    yield text + (f" (the first {limit} are shown; --limit shows more)" if hits > limit else "")
    if any(isinstance(inner, Or) for inner in getattr(results.node, "nodes", ())):
        yield f"Read as: {render(results.node)}"


def _open(settings: Settings, archive: Archive, number: int) -> None:
    from archiver.cli.threads import message_text  # noqa: PLC0415

    print_lines(
        message_text(settings, archive.reading, archive.directory.digest(number), whole=True)
    )


def _export(
    settings: Settings, archive: Archive, results: Results, folder: Path, *, everything: bool
) -> None:
    """Copy originals, named by day and digest. What is there already is left alone."""
    from archiver.archive import read_archive  # noqa: PLC0415

    held_back = archive.directory.numbers("standing IN ('privileged', 'family')")
    numbers = sorted(results.answer.numbers - (set() if everything else held_back))
    kept: list[tuple[str, Digest]] = []
    for number in numbers:
        sql = "SELECT day, digest FROM messages WHERE number = ?"
        kept.append(archive.directory.db.execute(sql, (number,)).fetchone())
    folder.mkdir(parents=True, exist_ok=True)
    with read_archive(settings.archive.path) as opened:
        for day, digest in kept:
            target = folder / f"{day} {digest[:16]}.eml"
            if not target.exists():
                working = target.with_suffix(".part")
                working.write_bytes(opened.vault.read(digest))
                working.replace(target)
    click.echo(f"{len(kept)} original{'' if len(kept) == 1 else 's'} in {folder}")
    left = len(results.answer.numbers) - len(kept)
    if left:
        click.echo(
            f"{left} privileged or family message{' was' if left == 1 else 's were'} left out; "
            "--with-privileged takes them along."
        )
