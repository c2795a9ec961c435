"""`papertrail check`: would the nightly job work? Changes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from archiver.cli.main import App
from archiver.errors import ArchiveError, ExitCode

if TYPE_CHECKING:
    from archiver.config import AccountTable, Settings
    from archiver.outcome import Rules


@click.command()
@click.pass_obj
def check(app: App) -> ExitCode:
    """Check the configuration, log in, and count the school's messages in every folder.

    Nothing is changed, neither in the mailbox nor in the archive.
    """
    from archiver.cli.pulling import rules_of  # noqa: PLC0415

    settings = app.settings
    click.echo("The configuration is in order.")
    rules, worst = rules_of(settings), ExitCode.DONE
    for account in settings.account:
        try:
            worst = max(worst, _check_account(account, rules, settings))
        except ArchiveError as error:
            click.echo(f"{error}\n{error.hint}".rstrip(), err=True)
            worst = max(worst, error.exit_code)
    return worst


def _check_account(account: AccountTable, rules: Rules, settings: Settings) -> ExitCode:
    from archiver.cli.pulling import connector  # noqa: PLC0415
    from archiver.cli.show import TerminalProgress, print_table  # noqa: PLC0415
    from archiver.headers import PEOPLE, read_headers  # noqa: PLC0415
    from archiver.plan import choose_folders, is_whole  # noqa: PLC0415
    from archiver.source import FolderUnreadableError  # noqa: PLC0415

    code, progress, rows = ExitCode.DONE, TerminalProgress(), []
    source = connector(account, settings)()
    try:
        folders = source.folders()
        choice = choose_folders(folders, account.folders, account.exclude_folders)
        chosen = {folder.name for folder in choice.chosen}
        for folder in folders:
            if folder.name not in chosen:
                rows.append((folder.name, "", "", "left out"))
                continue
            try:
                source.examine(folder.name)
                uids = source.uids()
                progress.start(f"looking at {folder.name}", len(uids))
                whole, found = is_whole(folder.name, account.whole_folders), 0
                for head in source.heads(uids):
                    people = read_headers(head.header).people(*PEOPLE)
                    found += whole or rules.counts(people)
                    progress.step()
                progress.finish()
                rows.append((folder.name, str(len(uids)), str(found), "kept whole" * whole))
            except FolderUnreadableError as error:
                progress.finish()
                rows.append((folder.name, "", "", error.why))
                code = ExitCode.ATTENTION
    finally:
        source.close()
    click.echo(f"Account {account.name!r}: logged in to {account.host}.")
    print_table(("folder", "messages", "look like the school's", ""), rows)
    for name, near in choice.absent:
        advice = f" Is it {near!r}?" if near else ""
        click.echo(f"There is no folder {name!r} on the server.{advice}", err=True)
        code = ExitCode.ATTENTION
    return code
