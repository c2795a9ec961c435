"""`papertrail review`: a person's word on what the program suggests."""

from __future__ import annotations

import sys
from datetime import datetime
from typing import TYPE_CHECKING

import click

from archiver.cli.main import App
from archiver.cli.show import format_option, print_rows
from archiver.decisions import Verdict

if TYPE_CHECKING:
    from archiver.cli.review_desk import Desk
    from reports.review import Item

_DAY = click.DateTime(["%Y-%m-%d"])
_COLUMNS = ("id", "date", "kind", "words", "from", "sure")
_STATUSES = ("suggested", "confirmed", "corrected", "dismissed", "all")


@click.group(invoke_without_command=True)
@click.option("--kind", "kinds", multiple=True, help="Only this kind; may be given several times.")
@click.option("--after", type=_DAY, help="From this day on.")
@click.option("--before", type=_DAY, help="Before this day.")
@click.option("--bulk", is_flag=True, help="The sure ones together: shown as a list, asked once.")
@click.option("--sure", "least", type=click.FloatRange(0.0, 1.0), default=0.9, show_default=True,
              help="With --bulk: from which confidence on.")  # fmt: skip
@click.pass_context
def review(
    ctx: click.Context,
    kinds: tuple[str, ...],
    after: datetime | None,
    before: datetime | None,
    bulk: bool,
    least: float,
) -> None:
    """Look at what the program suggests, and confirm, correct or dismiss it, a key each.

    The kinds that matter most come first. Stop with q whenever you like: what you decided is kept,
    and survives every rebuild. The subcommands do the same without a terminal.
    """
    if ctx.invoked_subcommand is not None:
        return
    from archiver.cli.review_bulk import run_bulk  # noqa: PLC0415
    from archiver.cli.review_desk import Desk  # noqa: PLC0415
    from archiver.cli.review_session import run_session  # noqa: PLC0415

    live = sys.stdin.isatty() and sys.stdout.isatty()
    with Desk(ctx.obj.settings) as desk:

        def choose() -> list[Item]:
            return _chosen(desk, kinds, after, before, "suggested")

        if bulk:
            run_bulk(desk, choose(), least)
        elif live:
            run_session(desk, choose)
        else:
            count = len(choose())
            click.echo(
                f"{count} suggestion{'' if count == 1 else 's'} to look at. On a terminal, "
                "`papertrail review` shows one after another; else `papertrail review list`."
            )


@review.command("list", short_help="Print suggestions, or what was decided.")
@click.option("--status", type=click.Choice(_STATUSES), default="suggested", show_default=True)
@click.option("--kind", "kinds", multiple=True, help="Only this kind; may be given several times.")
@click.option("--after", type=_DAY, help="From this day on.")
@click.option("--before", type=_DAY, help="Before this day.")
@format_option
@click.pass_obj
def list_items(
    app: App,
    status: str,
    kinds: tuple[str, ...],
    after: datetime | None,
    before: datetime | None,
    form: str,
) -> None:
    """Print suggestions, or what was decided, the most important first."""
    from archiver.cli.review_desk import Desk  # noqa: PLC0415

    with Desk(app.settings) as desk:
        chosen = _chosen(desk, kinds, after, before, status)
    columns = _COLUMNS if status == "suggested" else (*_COLUMNS[:-1], "status")
    print_rows([_row(item) for item in chosen], form, columns)
    if not chosen and form == "table":
        click.echo("There is nothing of that kind.")


@review.command("confirm")
@click.argument("ids", nargs=-1, required=True, metavar="ID...")
@click.pass_obj
def confirm(app: App, ids: tuple[str, ...]) -> None:
    """Confirm suggestions: they happened as they say."""
    _decide(app, ids, Verdict.CONFIRMED)


@review.command("dismiss")
@click.argument("ids", nargs=-1, required=True, metavar="ID...")
@click.pass_obj
def dismiss(app: App, ids: tuple[str, ...]) -> None:
    """Dismiss suggestions: the words tell of no such thing."""
    _decide(app, ids, Verdict.DISMISSED)


@review.command("correct")
@click.argument("name", metavar="ID")
@click.option("--kind", help="proposal, refusal, objection, missed_service …")
@click.option("--actor", help="Who did it: school, parent or other.")
@click.option("--date", help="The day it happened: 2026-03-04.")
@click.option("--until", help="The last day, where it was several.")
@click.option("--service", help="speech, ot, aide …")
@click.option("--minutes", help="Minutes of that session.")
@click.option("--reason", help="Why a service was missed.")
@click.option("--topics", help="What it is about: services, placement, iee … Several with commas.")
@click.option("--people", help='Who it was about: "Dana Ortiz, speech therapist; Lee Hale".')
@click.option("--note", default="", help="For yourself; in no report.")
@click.pass_obj
def correct(app: App, /, name: str, note: str, **told: str | None) -> None:
    """Correct an event: it happened, but not as it says."""
    from archiver.cli.review_desk import (  # noqa: PLC0415
        CorrectionError,
        Desk,
        changes_from,
        now_says,
    )

    fields = {field: text for field, text in told.items() if text is not None}
    if not fields and not note:
        raise CorrectionError(["Say what is wrong: --date, --kind, --service, --minutes …"])
    with Desk(app.settings) as desk:
        item = desk.found_in_mail(name)
        changes = changes_from(item, fields, desk.sent(item.events[0]))
        verdict = Verdict.CORRECTED if changes else Verdict.CONFIRMED
        desk.decide([item], verdict, changes, note)
    click.echo(f"{str(verdict).capitalize()}: {now_says(item, changes)}")


@review.command("privileged", short_help="Mark a message as privileged.")
@click.argument("message", metavar="MESSAGE")
@click.option("--not", "lifted", is_flag=True, help="It is not privileged, whoever is on it.")
@click.option("--clear", is_flag=True, help="Take the mark away: as the configuration has it.")
@click.pass_obj
def privileged(app: App, message: str, lifted: bool, clear: bool) -> None:
    """Mark a message as privileged: it stays out of every report and packet.

    MESSAGE is its SHA-256 (eight characters or more) or its Message-ID.
    """
    from archiver.cli.leaving import named_messages  # noqa: PLC0415
    from archiver.cli.review_desk import Desk  # noqa: PLC0415
    from indexers.query import summaries  # noqa: PLC0415

    if lifted and clear:
        raise click.UsageError("Either --not or --clear.")
    with Desk(app.settings) as desk:
        (digest,) = named_messages([message], summaries(desk.db))
        desk.mark(digest, None if clear else not lifted)
    said = "as the configuration has it" if clear else "not privileged" if lifted else "privileged"
    click.echo(f"Message {digest[:12]}: {said}.")


@review.command("undo", short_help="Take back the latest decision or mark.")
@click.pass_obj
def undo(app: App) -> None:
    """Take back the latest decision or mark; once more takes back the one before it."""
    from archiver.cli.review_desk import Desk  # noqa: PLC0415
    from archiver.cli.review_session import said_of  # noqa: PLC0415

    with Desk(app.settings) as desk:
        click.echo(said_of(desk.undo()))


def _decide(app: App, ids: tuple[str, ...], verdict: Verdict) -> None:
    from archiver.cli.review_desk import Desk, now_says  # noqa: PLC0415

    with Desk(app.settings) as desk:
        items = list({item.entry.id: item for item in map(desk.found_in_mail, ids)}.values())
        same = [item for item in items if _stands(item, verdict)]
        desk.decide([item for item in items if item not in same], verdict)
    for item in items:
        already = " already" if item in same else ""
        click.echo(f"{str(verdict).capitalize()}{already}: {now_says(item, {})}")


def _stands(item: Item, verdict: Verdict) -> bool:
    """Whether a decision says what was said already; a confirmed correction stays a correction."""
    statuses = {str(event.status) for event in item.events}
    same = {"confirmed", "corrected"} if verdict is Verdict.CONFIRMED else {str(verdict)}
    return statuses <= same


def _chosen(
    desk: Desk,
    kinds: tuple[str, ...],
    after: datetime | None,
    before: datetime | None,
    status: str,
) -> list[Item]:
    from reports.corrections import read_kind  # noqa: PLC0415
    from reports.review import in_order  # noqa: PLC0415

    try:
        wanted = {read_kind(kind) for kind in kinds}
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--kind") from None
    items = desk.dismissed if status == "dismissed" else desk.items
    if status == "all":
        items = [*desk.items, *desk.dismissed]
    return in_order(
        item
        for item in items
        if item.events
        and (
            status in {"all", "dismissed"}
            or (item.waiting if status == "suggested" else str(item.entry.status) == status)
        )
        and (not wanted or item.entry.kind in wanted)
        and (after is None or (item.entry.end or item.entry.on) >= after.date())
        and (before is None or item.entry.on < before.date())
    )


def _row(item: Item) -> dict[str, object]:
    from archiver.cli.review_screen import source_of  # noqa: PLC0415
    from reports.words import KINDS, service  # noqa: PLC0415

    entry = item.entry
    event = (item.waiting or item.events)[0]
    source = source_of(entry, event)
    about = f": {service(entry.service)}" if entry.service else ""
    return {
        "id": entry.id,
        "status": str(entry.status),
        "date": entry.on.isoformat(),
        "end": entry.end.isoformat() if entry.end else None,
        "kind": f"{KINDS[entry.kind]}{about}",
        "kind_code": str(entry.kind),
        "service": entry.service,
        "minutes": entry.minutes,
        "actor": str(entry.actor),
        "reason": entry.reason,
        "topics": ", ".join(entry.topics),
        "words": " ".join(event.citation.quote.split()),
        "from": source.sender.name or source.sender.address,
        "subject": source.subject,
        "part": event.citation.part,
        "page": event.citation.page,
        "sha256": event.citation.digest,
        "standing": str(source.standing),
        "waiting": len(item.waiting),
        "tellings": len(item.events),
        "sure": f"{event.confidence:.2f}",
    }
