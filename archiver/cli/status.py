"""`papertrail status`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

from archiver.cli.main import App
from archiver.errors import ExitCode

if TYPE_CHECKING:
    from archiver.config import Settings

_LATE = timedelta(hours=36)  # a night was missed


@click.command()
@click.option("--format", "form", type=click.Choice(["table", "jsonl"]), default="table",
              show_default=True, help="How to print it.")  # fmt: skip
@click.pass_obj
def status(app: App, form: str) -> ExitCode:
    """When the nightly job last ran, what the archive holds, and what needs attention.

    Exit status 1 if something needs attention.
    """
    facts = _facts(app.settings)
    if form == "jsonl":
        click.echo(json.dumps(facts, ensure_ascii=False))
    else:
        for line in _lines(facts):
            click.echo(line)
    return ExitCode.ATTENTION if facts["attention"] else ExitCode.DONE


def _facts(settings: Settings) -> dict[str, Any]:
    from archiver.archive import read_archive  # noqa: PLC0415
    from archiver.cli.reading import reading_path  # noqa: PLC0415
    from archiver.health import read_health  # noqa: PLC0415
    from indexers import query  # noqa: PLC0415
    from indexers.database import open_reading  # noqa: PLC0415
    from indexers.rules.encoder import encoder_runs  # noqa: PLC0415

    path, now = settings.archive.path, datetime.now(UTC)
    with read_archive(path) as archive:
        originals, receipts, missing = archive.catalogue.counts()
        failures = archive.catalogue.failures()
        repairs = archive.catalogue.repairs()
        head = archive.catalogue.head
        looks = {name: look.at for name, look in archive.catalogue.looks().items()}
    counts, unread, problems = {"messages": 0, "events": 0, "unread": 0}, [], []
    if reading_path(path).exists():
        with closing(open_reading(reading_path(path))) as db:
            counts = query.counts(db)
            unread = query.unread(db)
            problems = query.problems(db)
    health = read_health(path)
    attention: list[str] = []
    for account in settings.account:
        good = _last_good(account.name, health, looks)
        if good is None:
            attention.append(f"Account {account.name!r} was never looked at to its end.")
        elif now - good > _LATE:
            days = (now - good).days
            attention.append(f"Account {account.name!r}: the last good look was {days} days ago.")
    if health:
        for told in health.accounts:
            attention += [*([told.error] if told.error else []), *told.attention]
    attention += [
        f"Message {f.place.uid} in {f.place.folder!r} ({f.place.account}) could not be kept since "
        f"{f.since:%Y-%m-%d}: {f.reason}. It is tried again at every run."
        for f in failures
    ]
    attention += [f"Original {digest[:12]}: {sentence}" for digest, sentence in problems]
    return {
        "archive": str(path),
        "last_run": health.finished_at.isoformat(timespec="seconds") if health else None,
        "last_command": health.command if health else None,
        "new_in_last_run": sum(a.received for a in health.accounts) if health else 0,
        "originals": originals,
        "receipts": receipts,
        "no_longer_on_server": missing,
        "read": counts["messages"],
        "events": counts["events"],
        "encoder": encoder_runs(),
        "unread": [{"sha256": u.digest, "name": u.name, "reason": u.reason} for u in unread],
        "torn_lines_set_aside": [file for _, file in repairs],
        "journal_entries": head.entries,
        "head": head.link,
        "attention": attention,
    }


def _last_good(name: str, health: Any, looks: dict[str, datetime]) -> datetime | None:
    noted = health.last_good.get(name) if health else None
    times = [t for t in (datetime.fromisoformat(noted) if noted else None, looks.get(name)) if t]
    return max(times, default=None)


def _lines(facts: dict[str, Any]) -> Iterator[str]:
    yield f"Archive: {facts['archive']}"
    if facts["last_run"]:
        when = datetime.fromisoformat(facts["last_run"]).astimezone()
        yield f"Last run: {when:%A, %B %d, %Y, %H:%M} ({facts['new_in_last_run']} new messages)"
    else:
        yield "Last run: none on this computer yet."
    yield (
        f"Kept: {facts['originals']} messages; {facts['no_longer_on_server']} of them are no longer"
        " on the server."
        if facts["no_longer_on_server"]
        else f"Kept: {facts['originals']} messages."
    )
    yield f"Read: {facts['read']} messages; {facts['events']} suggested events."
    if not facts["encoder"]:
        yield (
            "Events are found by the simpler reader alone, which misses more: ONNX Runtime, which"
            " the better one needs, does not run on this computer."
        )
    unread = facts["unread"]
    if unread:
        reasons: dict[str, int] = {}
        for item in unread:
            reasons[item["reason"]] = reasons.get(item["reason"], 0) + 1
        yield f"Attachments not read, or not wholly: {len(unread)}"
        for reason, count in sorted(reasons.items(), key=lambda pair: (-pair[1], pair[0])):
            yield f"  {count:4}  {reason}"
    for file in facts["torn_lines_set_aside"]:
        yield f"A journal line that a crash cut short was set aside in {file}; nothing was lost."
    yield f"Journal: {facts['journal_entries']} lines; its chain ends at {facts['head'][:16]}…"
    if facts["attention"]:
        yield "Needs attention:"
        for sentence in facts["attention"]:
            yield f"  - {sentence}"
    else:
        yield "Nothing needs attention."
