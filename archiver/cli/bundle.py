"""`papertrail bundle`."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from archiver.cli.main import App

if TYPE_CHECKING:
    from archiver.model import Digest

_DAY = click.DateTime(["%Y-%m-%d"])


@click.command()
@click.option("--message", "messages", multiple=True, help="A message, by number or Message-ID.")
@click.option("--event", "events", multiple=True, help="The messages of an event, by its id.")
@click.option("--thread", "threads", multiple=True, help="The conversation of a message.")
@click.option("--search", "searches", multiple=True, help="What `papertrail search` would find.")
@click.option("--after", type=_DAY, help="From this day on; alone, every message from then.")
@click.option("--before", type=_DAY, help="Before this day.")
@click.option("--disclose", multiple=True, help="A message that would stay, named by its number.")
@click.option("--profile", default="default", show_default=True, help="How the forum wants it.")
@click.option(
    "--profile-file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Your own profiles; docs/exhibits.md shows the form.",
)
@click.option(
    "--redact",
    type=click.Path(dir_okay=False, path_type=Path),
    help="A file of names to burn out, one a line.",
)
@click.option("--case", default="hearing", show_default=True, help="Numbers go on within a case.")
@click.option("--again", type=click.IntRange(1), help="Make this volume again, the same bytes.")
@click.option(
    "--withheld",
    "withheld_list",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Also write what stays, and why, as CSV; for you, it is not part of the packet.",
)
@click.option("-o", "--output", type=click.Path(path_type=Path), help="The folder to make.")
@click.option("--dry-run", is_flag=True, help="List what would leave; write nothing.")
@click.pass_obj
def bundle(
    app: App,
    messages: tuple[str, ...],
    events: tuple[str, ...],
    threads: tuple[str, ...],
    searches: tuple[str, ...],
    after: datetime | None,
    before: datetime | None,
    disclose: tuple[str, ...],
    profile: str,
    profile_file: Path | None,
    redact: Path | None,
    case: str,
    again: int | None,
    withheld_list: Path | None,
    output: Path | None,
    dry_run: bool,
) -> int:
    """Make a packet of exhibits: stamped pages, originals, lists, and the means to check it.

    Privileged and family mail, and mail about mediation or settlement, stays in the archive; so
    does any message that carries words of it. Numbers are given out when a packet is first
    written and stay for good: look with --dry-run first.
    """
    from archiver.cli.bundling import Bundler  # noqa: PLC0415
    from archiver.cli.reading import open_up_to_date  # noqa: PLC0415
    from reports.exhibits.apart import Apart  # noqa: PLC0415
    from reports.exhibits.choose import Wanted  # noqa: PLC0415

    if not (messages or events or threads or searches or after or before or again or disclose):
        raise click.UsageError(
            "Say which messages: --message, --event, --thread, --search, --after, --before."
        )
    with open_up_to_date(app.settings) as db, Apart() as apart:
        wanted = Wanted(
            messages=(*messages, *disclose),
            events=events,
            threads=threads,
            found=_found(app, searches),
            after=after.date() if after else None,
            before=before.date() if before else None,
            everything=not (messages or events or threads or searches or disclose or again),
        )
        bundler = Bundler(app.settings, db, profile, profile_file, redact, case, apart)
        return bundler.run(wanted, disclose, again, output, withheld_list, dry_run=dry_run)


def _found(app: App, searches: tuple[str, ...]) -> list[Digest]:
    from archiver.cli.searching import open_search  # noqa: PLC0415
    from indexers.search.find import find  # noqa: PLC0415

    if not searches:
        return []
    with open_search(app.settings) as archive:
        numbers = [n for words in searches for n in sorted(find(words, archive).answer.numbers)]
        return [archive.directory.digest(number) for number in dict.fromkeys(numbers)]
