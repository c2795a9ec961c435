"""The group of commands: options they share, errors to sentences, exit statuses."""

from __future__ import annotations

import gc
import importlib
import logging
import os
import signal
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from archiver.errors import ArchiveError, ExitCode

if TYPE_CHECKING:
    from archiver.config import Settings

log = logging.getLogger(__name__)

_COMMANDS = {
    "init": "archiver.cli.init:init",
    "check": "archiver.cli.check:check",
    "pull": "archiver.cli.pull:pull",
    "run": "archiver.cli.pull:run",
    "login": "archiver.cli.login:login",
    "logout": "archiver.cli.login:logout",
    "daemon": "archiver.cli.daemon:daemon",
    "schedule": "archiver.cli.schedule:schedule",
    "status": "archiver.cli.status:status",
    "search": "archiver.cli.search:search",
    "people": "archiver.cli.people:people",
    "threads": "archiver.cli.threads:threads",
    "thread": "archiver.cli.threads:thread",
    "show": "archiver.cli.message:show",
    "attachments": "archiver.cli.attachments:attachments",
    "unread": "archiver.cli.attachments:unread",
    "timeline": "archiver.cli.timeline:timeline",
    "review": "archiver.cli.review:review",
    "why": "archiver.cli.why:why",
    "log": "archiver.cli.log:log",
    "bundle": "archiver.cli.bundle:bundle",
    "promises": "archiver.cli.promises:promises",
    "report": "archiver.cli.report:report",
    "census": "archiver.cli.census:census",
    "witness": "archiver.cli.witness:witness",
    "import": "archiver.cli.importing:import_files",
    "verify": "archiver.cli.verify:verify",
    "dkim": "archiver.cli.dkim:dkim",
    "seal": "archiver.cli.seal:seal",
    "backup": "archiver.cli.backup:backup",
    "restore": "archiver.cli.backup:restore",
    "rebuild": "archiver.cli.rebuild:rebuild",
}
_HELP = {
    "init": "Set Paper Trail up, step by step. Start here.",
    "check": "Try the configuration and log in; changes nothing.",
    "pull": "Fetch the school's new mail into the archive.",
    "run": "The nightly job: pull, read, index, find events, report.",
    "login": "Sign in with Google or Microsoft.",
    "logout": "Remove a sign-in from this computer.",
    "daemon": "Stay on duty: run the nightly job every night.",
    "schedule": "Let this computer's own scheduler run the nightly job.",
    "status": "When the job last ran, what it found, what needs attention.",
    "search": "Find messages and attachments by their words.",
    "people": "Who wrote and who was copied, with roles; set a role.",
    "threads": "The conversations, the latest first.",
    "thread": "One conversation from its first message to its last.",
    "show": "One message: its own words, what it quotes, its attachments.",
    "attachments": "All attachments, how far each was read, pages, words, language.",
    "unread": "What could not be read, why, and what would help.",
    "timeline": "What happened when, with the words it rests on.",
    "review": "Confirm, correct or dismiss what the program suggests.",
    "why": "Why something is in the chronology: words, reasons, day, sources.",
    "log": "Your own record: meetings, services, calls and notes.",
    "promises": "What service grids in the archive promise, for you to confirm.",
    "report": "Write reports to open, print or hand on.",
    "census": "What is missing, unread or held elsewhere, counted and listed.",
    "witness": "What vanished from the server after it was kept.",
    "import": "Bring in mail from files: mbox, .eml, .msg, Maildir, ZIP, Takeout.",
    "bundle": "Make a packet of exhibits for a hearing, with its originals.",
    "verify": "Check that nothing in the archive was changed or lost.",
    "dkim": "Whether the sending domains signed the messages.",
    "seal": "Have the archive's state time-stamped by witnesses outside.",
    "backup": "Copy the archive to another disk, every byte checked.",
    "restore": "Bring a backup back, or try whether it would come back.",
    "rebuild": "Make everything derived anew from the originals.",
}


class _Commands(click.Group):
    """Commands are imported when they are used: `--help` stays fast."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        if cmd_name not in _COMMANDS:
            return None
        module, _, name = _COMMANDS[cmd_name].partition(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl(list(_HELP.items()))


class App:
    """What the group's options say; the configuration is read when a command asks for it."""

    def __init__(self, config: Path | None) -> None:
        self._config = config
        self._settings: Settings | None = None

    @property
    def target(self) -> Path:
        """Where the configuration is, or is to be."""
        return self._config or usual_config()

    @property
    def path(self) -> Path:
        """The configuration file."""
        return (self._config or default_config()).absolute()

    @property
    def folder(self) -> Path:
        """Where the configuration file is; names of files in it are taken from there."""
        return self.path.parent

    @property
    def settings(self) -> Settings:
        """The checked configuration."""
        if self._settings is None:
            from archiver.config import load_settings  # noqa: PLC0415

            self._settings = load_settings(self._config or default_config())
        return self._settings


class NoConfigError(ArchiveError):
    """Nothing was set up yet."""

    exit_code = ExitCode.USAGE
    hint = "`papertrail init` sets it up with you. If it is elsewhere, name it with --config FILE."

    def __init__(self, path: Path) -> None:
        super().__init__(f"Paper Trail is not set up yet: there is no {path}.")
        self.path = path


def usual_config() -> Path:
    """Where the configuration belongs when no option says so."""
    named = os.environ.get("PAPERTRAIL_CONFIG")
    if named:
        return Path(named)
    from platformdirs import user_config_path  # noqa: PLC0415

    return Path(user_config_path("papertrail", appauthor=False)) / "config.toml"


def default_config() -> Path:
    """Where the configuration is when no option and no variable says so.

    Raises:
        NoConfigError: there is none at the usual place.
    """
    path = usual_config()
    if not os.environ.get("PAPERTRAIL_CONFIG") and not path.exists():
        raise NoConfigError(path)
    return path


@click.command(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--config",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The configuration file. [default: $PAPERTRAIL_CONFIG, else the usual folder]",
)
@click.option("-v", "--verbose", count=True, help="Tell more of what is done; -vv still more.")
@click.option(
    "--log-addresses",
    is_flag=True,
    help="Leave e-mail addresses in the log and in what -v tells. Passwords never are.",
)
@click.version_option(package_name="paper-trail-archiver", prog_name="papertrail")
@click.pass_context
def cli(ctx: click.Context, config: Path | None, verbose: int, log_addresses: bool) -> None:
    """Paper Trail keeps the school's mail as a record that stands up.

    It reads your mailbox without changing anything in it.
    """
    from archiver.logs import start_logging  # noqa: PLC0415

    start_logging(verbose, private=log_addresses)
    log.info("%s: started", ctx.invoked_subcommand)
    ctx.obj = App(config)


def main() -> None:
    """Run the command line; whatever goes wrong becomes a sentence and an exit status."""
    _utf8_output()
    # Hardly any objects here form rings; to look for them all the time is a sixth of a pull.
    gc.set_threshold(50_000)
    # Who is asked to end cleans up as after Ctrl-C: workers are ended, locks are given back.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        result: Any = cli.main(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(ExitCode.USAGE)
    except (click.Abort, KeyboardInterrupt):
        log.info("stopped by the user")
        click.echo("Stopped. What was received so far is kept.", err=True)
        sys.exit(ExitCode.FAILED)
    except ArchiveError as error:
        # The sentence may name people and folders: the log gets what kind of error it was.
        log.info("ended with %s, exit status %d", type(error).__name__, error.exit_code)
        click.echo(f"{error}", err=True)
        if error.hint:
            click.echo(error.hint, err=True)
        sys.exit(error.exit_code)
    except BrokenPipeError:
        # The reader of a pipe has gone (`| head`): nothing to say and nobody to say it to.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(ExitCode.DONE)
    except Exception as error:  # noqa: BLE001 - the outermost ring: a traceback helps no parent
        log.info("ended with %s, a bug", type(error).__name__)
        click.echo(_bug(error), err=True)
        sys.exit(ExitCode.FAILED)
    status = result if isinstance(result, int) else ExitCode.DONE
    log.info("ended, exit status %d", status)
    sys.exit(status)


def _bug(error: Exception) -> str:
    """Put the traceback into a file; the sentence says where."""
    from archiver.logs import log_path, without_addresses, without_secrets  # noqa: PLC0415
    from archiver.private_file import write_private  # noqa: PLC0415

    said = (
        f"Something went wrong inside Paper Trail ({type(error).__name__}). "
        "What was received so far is kept."
    )
    path = log_path().with_name("crash.txt")
    text = "".join(traceback.format_exception(error)).encode("utf-8", "backslashreplace").decode()
    try:
        write_private(path, without_addresses(without_secrets(text)))
    except OSError:
        return said
    return f"{said} Please report it with the file {path}; read it first, it may quote mail."


def _utf8_output() -> None:
    """A console that cannot show a character shows a substitute instead of failing."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
