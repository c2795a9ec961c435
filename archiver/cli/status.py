"""`papertrail status`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

from archiver.cli.main import App
from archiver.cli.show import visible
from archiver.errors import ExitCode

if TYPE_CHECKING:
    from archiver.config import Settings
    from archiver.health import Health

_GRACE = timedelta(hours=3)  # a computer that has just been switched on is not behind yet


@click.command()
@click.option("--format", "form", type=click.Choice(["table", "jsonl"]), default="table",
              show_default=True, help="How to print it.")  # fmt: skip
@click.option("--monitor", is_flag=True, help="One line for a monitor: are the nights in order?")
@click.option("--try-alarm", is_flag=True, help="Give an alarm for trial, by every way set up.")
@click.pass_obj
def status(app: App, form: str, monitor: bool, try_alarm: bool) -> ExitCode:
    """When the nightly job last ran, what the archive holds, and what needs attention.

    Exit status 1 if something needs attention. With --monitor: 1 only if a night was missed or
    something keeps the job from working.
    """
    if try_alarm:
        from archiver.cli.alarms import try_out  # noqa: PLC0415

        return try_out(app.settings)
    if monitor:
        return _monitor(app.settings, form)
    facts = _facts(app.settings)
    if form == "jsonl":
        click.echo(json.dumps(facts, ensure_ascii=False))
    else:
        for line in _lines(facts):
            click.echo(visible(line))
    return ExitCode.ATTENTION if facts["attention"] else ExitCode.DONE


def _monitor(settings: Settings, form: str) -> ExitCode:
    """Goes by the note of the runs alone, so that it is quick and works without an archive."""
    nights = _nights(settings, {})
    behind = [row for row in nights["accounts"] if _in_words(row)]
    wrong = bool(behind or nights["stopped"])
    if form == "jsonl":
        click.echo(json.dumps({"ok": not wrong, **nights}, ensure_ascii=False))
    elif not wrong:
        click.echo(f"OK: every account was looked at; {_last(nights['accounts'])}")
    else:
        said = [nights["stopped"]] if nights["stopped"] else []
        said += [_in_words(row) for row in behind]
        click.echo("FAILING: " + " ".join(" ".join(said).split()))
    return ExitCode.ATTENTION if wrong else ExitCode.DONE


def _nights(settings: Settings, looks: dict[str, datetime]) -> dict[str, Any]:
    """How the nights go: by account, as a whole, and who runs them."""
    from archiver.alarm import in_words  # noqa: PLC0415
    from archiver.cli.alarms import timetable_of  # noqa: PLC0415
    from archiver.daemon import current_duty  # noqa: PLC0415
    from archiver.health import read_health  # noqa: PLC0415

    path, now, table = settings.archive.path, datetime.now(UTC), timetable_of(settings)
    health = read_health(path)
    told = {account.account: account for account in health.accounts} if health else {}
    rows = []
    for account in settings.account:
        good = _last_good(account.name, health, looks, now)
        trouble = told[account.name].trouble if account.name in told else None
        rows.append(
            {
                "account": account.name,
                "last_good": good.isoformat(timespec="seconds") if good else None,
                "nights_behind": table.nights_behind(good, now - _GRACE) if good else None,
                "failing_since": trouble.since if trouble else None,
                "fault": trouble.fault if trouble else None,
                "in_words": in_words(trouble.fault) if trouble else None,
                "problem": trouble.error if trouble else None,
            }
        )
    duty = current_duty(path)
    stopped = health.stopped if health else None
    return {
        "accounts": rows,
        "stopped": stopped.error if stopped else None,
        "stopped_since": stopped.since if stopped else None,
        "daemon": {"pid": duty.pid, "doing": duty.doing, "next": duty.next_at,
                   "watching": list(duty.watching)} if duty else None,
        "timezone": settings.archive.timezone,
    }  # fmt: skip


def _facts(settings: Settings) -> dict[str, Any]:
    from archiver.archive import read_archive  # noqa: PLC0415
    from archiver.cli.reading import reading_path  # noqa: PLC0415
    from archiver.health import read_health  # noqa: PLC0415
    from indexers import query  # noqa: PLC0415
    from indexers.database import open_reading  # noqa: PLC0415
    from indexers.rules.encoder import encoder_runs  # noqa: PLC0415

    path = settings.archive.path
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
    health, nights = read_health(path), _nights(settings, looks)
    attention: list[str] = [nights["stopped"]] if nights["stopped"] else []
    attention += [sentence for row in nights["accounts"] if (sentence := _in_words(row))]
    if health:
        attention += [sentence for told in health.accounts for sentence in told.attention]
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
        **nights,
    }


def _last_good(
    name: str, health: Health | None, looks: dict[str, datetime], now: datetime
) -> datetime | None:
    """When an account was last looked at to its end; not believed where that is in the future."""
    noted = health.last_good.get(name) if health else None
    times = [t for t in (datetime.fromisoformat(noted) if noted else None, looks.get(name)) if t]
    return max((t for t in times if t <= now + timedelta(minutes=5)), default=None)


def _in_words(row: dict[str, Any]) -> str:
    """What is wrong with the nights of one account, and what to do; "" if nothing is."""
    name, behind = row["account"], row["nights_behind"]
    if row["problem"]:
        since = f"{datetime.fromisoformat(row['failing_since']).astimezone():%B %d, %H:%M}"
        late = f", {_count(behind)} behind" if behind else ""
        return f"Since {since}{late}: {' '.join(row['problem'].split())}"
    if behind is None:
        return f"Account {name!r} was never looked at to its end. `papertrail run` does that."
    if behind:
        return (
            f"Account {name!r} is {_count(behind)} behind: nothing has run the nightly job. "
            "`papertrail run` does it now; `papertrail daemon` does it every night."
        )
    return ""


def _last(rows: list[dict[str, Any]]) -> str:
    oldest = min(datetime.fromisoformat(row["last_good"]) for row in rows)
    return f"last on {oldest.astimezone():%A, %B %d, %H:%M}."


def _count(nights: int) -> str:
    return "1 night" if nights == 1 else f"{nights} nights"


def _lines(facts: dict[str, Any]) -> Iterator[str]:
    yield f"Archive: {facts['archive']}"
    if facts["last_run"]:
        when = datetime.fromisoformat(facts["last_run"]).astimezone()
        yield f"Last run: {when:%A, %B %d, %Y, %H:%M} ({facts['new_in_last_run']} new messages)"
    else:
        yield "Last run: none on this computer yet."
    duty = facts["daemon"]
    if duty:
        doing = {
            "running": "the job is running now",
            "waiting": f"the next run is {_when(duty['next'])}",
            "trying again": f"the last run failed; the next try is {_when(duty['next'])}",
        }.get(duty["doing"], duty["doing"])
        watched = "; new mail is watched for" if duty["watching"] else ""
        yield f"Daemon: on duty (process {duty['pid']}); {doing}{watched}."
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


def _when(text: str) -> str:
    try:
        return f"{datetime.fromisoformat(text).astimezone():%A, %B %d, %H:%M}"
    except ValueError:
        return "soon"
