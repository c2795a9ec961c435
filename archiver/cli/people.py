"""`papertrail people`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from archiver.cli.main import App
from archiver.cli.show import format_option, print_rows
from archiver.errors import ArchiveError, ExitCode
from archiver.journal import EntryKind

if TYPE_CHECKING:
    from archiver.config import Settings
    from indexers.cast import Member

_COLUMNS = ("name", "addresses", "role", "first", "last", "wrote", "received")


class NoAddressError(ArchiveError):
    """A role is told for something that is no address."""

    exit_code = ExitCode.USAGE
    hint = "Give an address as `papertrail people` prints it."

    def __init__(self, address: str) -> None:
        super().__init__(f"{address!r} is no e-mail address.")


@click.group(invoke_without_command=True)
@format_option
@click.pass_context
def people(ctx: click.Context, form: str) -> None:
    """Print everyone who wrote or was copied, with role, days and how many messages."""
    if ctx.invoked_subcommand is not None:
        return
    from archiver.archive import read_archive  # noqa: PLC0415
    from archiver.cli.searching import open_directory  # noqa: PLC0415
    from indexers.cast import cast  # noqa: PLC0415
    from indexers.directory import mentions  # noqa: PLC0415

    settings = ctx.obj.settings
    with open_directory(settings) as (_, directory):
        members = cast(mentions(directory))
    with read_archive(settings.archive.path) as archive:
        told = archive.catalogue.told_roles()
    print_rows([_row(member, told, settings) for member in members], form, _COLUMNS)


@people.command("set")
@click.argument("address")
@click.option("--role", required=True, help='As "speech therapist"; "" takes it back.')
@click.pass_obj
def set_role(app: App, address: str, role: str) -> None:
    """Note what somebody's role is. It is kept in the journal and survives every rebuild."""
    from archiver.archive import NoArchiveError, write_archive  # noqa: PLC0415

    address, role = address.strip().lower(), " ".join(role.split())
    if "@" not in address or " " in address:
        raise NoAddressError(address)
    path = app.settings.archive.path
    if not (path / "journal.jsonl").exists():
        raise NoArchiveError(path)
    with write_archive(path) as archive:
        if archive.catalogue.told_roles().get(address, "") != role:
            archive.record([(EntryKind.PERSON, {"address": address, "role": role})])
    click.echo(f"{address}: {role}" if role else f"{address}: no role")


def _row(member: Member, told: dict[str, str], settings: Settings) -> dict[str, object]:
    book = settings.address_book()
    roles = [told[address] for address in member.addresses if address in told]
    known = [str(book.role_of(a)) for a in member.addresses if book.role_of(a) != "other"]
    return {
        "name": member.name,
        "other_names": ", ".join(member.names[1:]),
        "addresses": ", ".join(member.addresses),
        "role": (roles or known or [""])[0],
        "side": (known or [""])[0],
        "first": member.first.isoformat(),
        "last": member.last.isoformat(),
        "wrote": member.wrote,
        "received": member.received,
    }
