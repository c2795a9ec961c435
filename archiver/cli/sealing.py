"""What `seal` and `run` share: taking a seal and saying what came of it."""

from __future__ import annotations

import click

from archiver.archive import Archive
from archiver.config import Settings
from archiver.errors import ExitCode
from archiver.seal import Seal, ask_by_http, is_sealed, take_seal


def seal_nightly(settings: Settings, archive: Archive) -> Seal | None:
    """Seal the night's state where the configuration says so and there is something to seal."""
    if not (settings.seal.nightly and settings.seal.authority) or is_sealed(archive):
        return None
    return take_seal(archive, settings.seal.authority, ask_by_http)


def report_nightly(seal: Seal | None) -> ExitCode:
    """A line for each witness, if a seal was taken."""
    if seal is None:
        return ExitCode.DONE
    return report_stamps(seal)


def report_stamps(seal: Seal) -> ExitCode:
    """What each authority said; 1 if one of them did not give a stamp."""
    for stamp in seal.stamps:
        click.echo(
            f"Time-stamped by {stamp.authority} on {stamp.at:%B %d, %Y, %H:%M} UTC: {stamp.file}"
        )
    for error in seal.refused:
        click.echo(f"{error} {error.hint}", err=True)
    return ExitCode.ATTENTION if seal.refused else ExitCode.DONE
