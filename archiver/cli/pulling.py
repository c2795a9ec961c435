"""What `check`, `pull` and `run` share: from settings to sources, rules and outcomes."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from datetime import UTC, datetime

import click

from archiver.archive import Archive
from archiver.cli.show import TerminalProgress
from archiver.config import AccountTable, Settings
from archiver.errors import ArchiveError, ExitCode
from archiver.file_source import ACCOUNT, FileSource
from archiver.health import after_run, read_health, write_health
from archiver.imap_source import ImapSource
from archiver.journal import EntryKind
from archiver.listing import Listing
from archiver.logs import keep_secret
from archiver.mail_files import MailFile
from archiver.outcome import Judge, Outcome, Rules
from archiver.passwords import find_password
from archiver.pull import pull_account
from archiver.source import SourceError

log = logging.getLogger(__name__)


def rules_of(settings: Settings) -> Rules:
    """What decides what belongs, and a fingerprint that changes with it."""
    parts = (settings.child, settings.correspondence, settings.people)
    deciding = "\n".join(part.model_dump_json() for part in parts)
    whole = repr([account.whole_folders for account in settings.account])
    fingerprint = hashlib.sha256(f"1\n{deciding}\n{whole}".encode()).hexdigest()[:16]
    judge = _judge(settings) if settings.correspondence.family_mail else None
    return Rules(settings.address_book(), fingerprint, judge)


def connector(account: AccountTable, settings: Settings | None = None) -> Callable[[], ImapSource]:
    """Connects to an account; the password is found once, and again after it was refused.

    ``settings`` name the apps for accounts that sign in with Google or Microsoft.
    """
    if account.auth != "password":
        return _token_connector(account, settings)
    password: list[str] = []

    def connect() -> ImapSource:
        if not password:
            password.append(find_password(account))
        try:
            return ImapSource(account, password[0])
        except SourceError as error:
            if not error.passing:
                password.clear()
            raise

    return connect


def _token_connector(account: AccountTable, settings: Settings | None) -> Callable[[], ImapSource]:
    from archiver.config import GoogleTable, MicrosoftTable  # noqa: PLC0415
    from archiver.oauth.sign_in import Tokens  # noqa: PLC0415

    google = settings.google if settings else GoogleTable()
    tokens = Tokens(account, google, settings.microsoft if settings else MicrosoftTable())

    def connect() -> ImapSource:
        try:
            token = tokens.current()
            keep_secret(token, account.username)
            return ImapSource(account, token)
        except ArchiveError as error:
            if not error.passing:
                tokens.forget()
            raise

    return connect


def import_all(
    settings: Settings, archive: Archive, files: list[MailFile], progress: TerminalProgress
) -> Outcome:
    """Bring in mail files by the same rules as mail from a server."""
    listing = Listing(archive.derived / "listing.sqlite", archive.disk)
    try:
        with archive.writing():
            _remember_threads(archive, listing)
        archive.record(
            (EntryKind.IMPORTED, {"file": f.name, "sha256": f.digest, "messages": len(f.messages)})
            for f in files
        )
        account = AccountTable.model_construct(
            name=ACCOUNT, folders=(), exclude_folders=(), whole_folders=()
        )
        source = FileSource(files)
        return pull_account(account, lambda: source, archive, listing, rules_of(settings), progress)
    finally:
        listing.close()


def check_signatures(settings: Settings, archive: Archive, progress: TerminalProgress) -> None:
    """DKIM of what came in, where that is switched on."""
    if not settings.dkim.check:
        return
    from archiver.dkim_check import check_new, resolver  # noqa: PLC0415

    _, waiting = check_new(archive, resolver(settings.dkim.nameserver), progress)
    if waiting:
        click.echo(
            f"The name server did not answer: the signatures of {waiting} messages are checked "
            "at the next run.",
            err=True,
        )


def preview_files(settings: Settings, files: list[MailFile]) -> tuple[int, int]:
    """How many messages of the files would be kept, and how many would not."""
    from archiver.preview import preview  # noqa: PLC0415 - only for a dry run

    found = preview(FileSource(files), rules_of(settings), lambda _: ())
    return len(found.belong), found.others


def pull_all(settings: Settings, archive: Archive, progress: TerminalProgress) -> list[Outcome]:
    """Pull every account; one that cannot be reached does not keep the others from it.

    Originals whose threads are not remembered (the derived folder was deleted) are read first.
    """
    listing = Listing(archive.derived / "listing.sqlite", archive.disk)
    try:
        with archive.writing():
            _remember_threads(archive, listing)
        outcomes = []
        for account in settings.account:
            rules = rules_of(settings)
            try:
                outcome = pull_account(
                    account, connector(account, settings), archive, listing, rules, progress
                )
            except ArchiveError as error:
                if error.exit_code is not ExitCode.USAGE:
                    raise
                outcome = Outcome(account.name, error=error)
            outcomes.append(outcome)
            _log_outcome(outcome)
        return outcomes
    finally:
        listing.close()


def report_outcomes(outcomes: list[Outcome]) -> None:
    """Say what was fetched and what went wrong, a line each."""
    for outcome in outcomes:
        listed = sum(tally.listed for tally in outcome.folders)
        held = sum(tally.held for tally in outcome.folders)
        if outcome.error is None:
            click.echo(
                f"{outcome.account}: {_count(listed, 'message')} in "
                f"{_count(len(outcome.folders), 'folder')}, "
                f"{held} of them the school's correspondence and kept; "
                f"{_new(outcome)}."
            )
        if outcome.vanished:
            click.echo(
                f"{outcome.account}: {_count(outcome.vanished, 'message')} no longer on the "
                "server; the archive keeps what it has."
            )
        for place, reason in outcome.failed:
            click.echo(
                f"{outcome.account}: message {place.uid} in {place.folder!r} was not kept: "
                f"{reason}. It will be tried again.",
                err=True,
            )
        for note in outcome.notes:
            click.echo(note, err=True)
        if outcome.error is not None:
            click.echo(str(outcome.error), err=True)
            if outcome.error.hint:
                click.echo(outcome.error.hint, err=True)


def exit_code(outcomes: list[Outcome]) -> ExitCode:
    """0 all done; 1 something needs attention; 2 or 3 where no account could be looked at."""
    errors = [outcome.error for outcome in outcomes if outcome.error is not None]
    if errors and len(errors) == len(outcomes):
        return max(error.exit_code for error in errors)
    if any(outcome.needs_attention for outcome in outcomes):
        return ExitCode.ATTENTION
    return ExitCode.DONE


def note_health(
    settings: Settings,
    command: str,
    started: datetime,
    outcomes: list[Outcome],
    stopped: tuple[str, ArchiveError] | None = None,
) -> None:
    """Remember this run, which ends now, for `papertrail status` and for when the next is due."""
    path = settings.archive.path
    before, finished = read_health(path), datetime.now(UTC)
    write_health(path, after_run(before, command, started, finished, outcomes, stopped))


def _remember_threads(archive: Archive, listing: Listing) -> None:
    from archiver.correspondence import thread_keys, topic_key  # noqa: PLC0415 - rarely needed
    from archiver.headers import THREAD, read_headers  # noqa: PLC0415

    if listing.kept() == archive.catalogue.counts()[0]:
        return
    unknown = set(listing.unknown(archive.catalogue.digests()))
    for original in archive.catalogue.originals():
        if original.digest in unknown:
            headers = read_headers(archive.vault.read_head(original.digest))
            topic = topic_key(headers.first("subject"))
            keys = thread_keys(headers.ids(*THREAD)) + (() if topic is None else (topic,))
            listing.keep(original.digest, original.standing, keys)
    listing.commit()


def _judge(settings: Settings) -> Judge:
    def judge(content: bytes, staff: frozenset[str]) -> bool:
        from indexers.mime import read_message  # noqa: PLC0415 - only where family mail is new
        from indexers.schooling import speaks_of_schooling  # noqa: PLC0415

        message = read_message(content)
        return speaks_of_schooling(
            message,
            child=settings.child.names,
            staff=staff,
            book=settings.address_book(),
        )

    return judge


def _log_outcome(outcome: Outcome) -> None:
    log.info(
        "account %s: %d folders, %d listed, %d held, %d received, %d failed, %s",
        outcome.account,
        len(outcome.folders),
        sum(tally.listed for tally in outcome.folders),
        sum(tally.held for tally in outcome.folders),
        outcome.received,
        len(outcome.failed),
        type(outcome.error).__name__ if outcome.error else "to its end",
    )


def _new(outcome: Outcome) -> str:
    copies = outcome.received - outcome.new_originals
    also = f" ({_count(copies, 'copy', 'copies')} of messages kept already)" if copies else ""
    return f"{outcome.received} new tonight{also}"


def _count(number: int, noun: str, plural: str = "") -> str:
    return f"{number} {noun if number == 1 else plural or noun + 's'}"
