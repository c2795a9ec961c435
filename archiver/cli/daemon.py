"""`papertrail daemon`: on duty every night."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from archiver.cli.main import App
from archiver.errors import ConfigError, ExitCode

if TYPE_CHECKING:
    from archiver.config import Settings
    from archiver.timetable import Timetable


@click.command()
@click.pass_obj
def daemon(app: App) -> ExitCode:
    """Stay on duty: run the nightly job when it is due, and at once if a night was missed.

    With `watch = true` under [schedule], also when new mail comes in. Ctrl-C or SIGTERM stops it
    within seconds; what was received so far is kept.
    """
    from archiver.cli.alarms import sound  # noqa: PLC0415
    from archiver.cli.pulling import connector  # noqa: PLC0415
    from archiver.daemon import Daemon, WallClock, on_duty, run_child  # noqa: PLC0415

    settings, clock = app.settings, WallClock()
    archive = settings.archive.path
    command = night_command(app.path)
    watched = settings.account if settings.schedule.watch else ()
    with clock.heeding_signals(), on_duty(archive):
        on_watch = Daemon(
            archive,
            _heeding_changes(app.path, settings),
            lambda: run_child(command, clock),
            clock,
            say=_say,
            unnoted=lambda: sound(settings),
            watching=tuple(account.name for account in watched),
        )
        _say(f"On duty for the archive {archive}. Ctrl-C ends it.")

        def tell() -> None:
            on_watch.new_mail()
            clock.ring()

        watchers = []
        if watched:
            from archiver.watching import Watcher  # noqa: PLC0415

            for account in watched:
                folder = account.folders[0] if account.folders else "INBOX"
                watchers.append(Watcher(account.name, folder, connector(account, settings), tell))
        try:
            for watcher in watchers:
                watcher.start()
            on_watch.run()
        finally:
            clock.stop()
            for watcher in watchers:
                watcher.stop()
    _say("Stopped. What was received so far is kept.")
    return ExitCode.DONE


def night_command(config: Path) -> list[str]:
    """What runs the nightly job of a configuration, from any folder and without a PATH."""
    return [sys.executable, "-m", "archiver.cli", "--config", str(config), "run"]


def _heeding_changes(path: Path, settings: Settings) -> Callable[[], Timetable]:
    """The timetable of a configuration that may be edited meanwhile.

    While it has mistakes, the last good one holds; the job itself tells of them.
    """
    from archiver.cli.alarms import timetable_of  # noqa: PLC0415
    from archiver.config import load_settings  # noqa: PLC0415
    from archiver.disk import file_stamp  # noqa: PLC0415

    stamp, table = file_stamp(path), timetable_of(settings)

    def current() -> Timetable:
        nonlocal stamp, table
        now = file_stamp(path)
        if now != stamp:
            stamp = now
            try:
                table = timetable_of(load_settings(path))
            except ConfigError as error:
                _say(f"{error}\nUntil that is corrected, the nights stay as they were.")
        return table

    return current


def _say(line: str) -> None:
    click.echo(line)
    sys.stdout.flush()
