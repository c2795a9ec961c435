"""`papertrail init`: the guided set-up, from an e-mail address to a first run."""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Callable
from functools import partial
from pathlib import Path

import click

from archiver.cli.answering import Unattended
from archiver.cli.asking import Asker, Terminal
from archiver.cli.check import check
from archiver.cli.main import App
from archiver.cli.nightly import run_night
from archiver.cli.schedule import install
from archiver.cli.setup_account import Account
from archiver.cli.setup_password import WayIn
from archiver.cli.setup_people import People
from archiver.cli.setup_review import read_answers, summary, write_config
from archiver.config import Settings, load_settings
from archiver.errors import ArchiveError, ConfigError, ExitCode
from archiver.password_store import remove_from_keyring
from archiver.setup import typed
from archiver.setup.answers import ACCOUNT, Answers, answers_path, load_answers, save_answers
from archiver.setup.earlier import answers_from

_STOPPED = (
    "Stopped. Your answers so far are kept on this computer, the password not among them. "
    "`papertrail init` goes on from there."
)


class ConfigExistsError(ArchiveError):
    """There is a configuration, and nobody who could be asked about it."""

    exit_code = ExitCode.USAGE
    hint = "Write `replace = true` into the answers: the old one is kept beside it, with the date."

    def __init__(self, path: Path) -> None:
        super().__init__(f"There is a configuration already: {path}. Nothing was changed.")


@click.command()
@click.option(
    "--answers",
    "answers_file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Take the answers from a TOML file and ask nothing (docs/setup.md).",
)
@click.pass_context
def init(ctx: click.Context, answers_file: Path | None) -> ExitCode:
    """Set Paper Trail up, step by step: your mailbox, the school's addresses, your people.

    It can be stopped at any time with Ctrl-C and goes on from there the next time. Nothing in the
    mailbox is changed.
    """
    app: App = ctx.obj
    if answers_file is None and sys.stdin is None:
        raise click.UsageError("there is no terminal to ask at; use --answers FILE")
    asker: Asker = Terminal() if answers_file is None else Unattended(read_answers(answers_file))
    setup = _Setup(asker, app.target.absolute())
    try:
        setup.run()
    except (KeyboardInterrupt, EOFError):
        click.echo()
        asker.say(_STOPPED if setup.kept else "Stopped. Nothing was written.")
        return ExitCode.FAILED
    if not setup.written:
        return ExitCode.DONE
    ctx.obj = App(setup.path)
    if not WayIn(Account(asker, setup.answers), ctx.obj.settings).is_in:
        return _to_sign_in(asker)
    return _try_out(ctx, asker, setup.answers)


class _Setup:
    """One set-up: its steps in order, the answers kept after each."""

    def __init__(self, asker: Asker, path: Path) -> None:
        self.asker, self.path = asker, path
        self.answers, self._kept_at = Answers(), answers_path()
        self.kept = self.written = False
        self._old: Settings | None = None  # of the configuration that is to be replaced

    def run(self) -> None:
        """Ask everything, show it, write the file."""
        asker = self.asker
        asker.say(
            "Welcome to Paper Trail. This takes about ten minutes. Ctrl-C stops it at any time; "
            'what you have answered is kept. Press Enter to take what stands after "Enter:".',
        )
        if not self._may_write():
            return
        self._take_up_old()
        self._go_on()
        steps = self._steps()
        for number, (name, step) in enumerate(steps.items(), 1):
            if name not in self.answers.done:
                if asker.attended:
                    asker.say(f"--- Step {number} of {len(steps)} ---")
                step()
                self._keep(name)
        self._confirm()
        self._write()

    # -- before ----------------------------------------------------------------------------------

    def _may_write(self) -> bool:
        """Ask before an existing configuration is replaced."""
        if not self.path.exists():
            return True
        question = (
            f"There is a configuration already: {self.path}. Make a new one? The old one is kept "
            "beside it, with today's date in its name."
        )
        if self.asker.yes("replace", question, default=False):
            return True
        if not self.asker.attended:
            raise ConfigExistsError(self.path)
        self.asker.say("Nothing was changed. `papertrail check` tries the one that is there.")
        return False

    def _take_up_old(self) -> None:
        """What the old configuration says is offered again."""
        try:
            self._old = load_settings(self.path) if self.path.exists() else None
        except ConfigError:
            return  # it is kept beside the new one all the same
        if self._old is not None:
            self.answers = answers_from(self._old)

    def _go_on(self) -> None:
        """Take up an earlier set-up where the person wants that."""
        earlier = load_answers(self._kept_at) if self.asker.attended else None
        if earlier is None or not earlier.done:
            return
        if self.asker.yes(
            "",
            f"You have begun before, with {earlier.address}. Go on from there? (n begins anew)",
            default=True,
        ):
            self.answers, self.kept = earlier, True
            return
        self._forget(earlier)

    def _forget(self, earlier: Answers) -> None:

        if "way_in" in earlier.done:
            remove_from_keyring(earlier.username)
            if earlier.password_file:
                Path(earlier.password_file).unlink(missing_ok=True)
        self._kept_at.unlink(missing_ok=True)

    # -- the steps -------------------------------------------------------------------------------

    def _steps(self) -> dict[str, Callable[[], object]]:
        account = Account(self.asker, self.answers)
        way_in = WayIn(account, self._old)
        people = People(self.asker, self.answers, way_in)

        return {
            "address": account.ask_address,
            "server": account.ask_server,
            "way_in": way_in.ask,
            "child": people.ask_child,
            "school": people.ask_school,
            "parents": people.ask_parents,
            "place": people.ask_place,
            "privileged": people.ask_privileged,
            "mediators": people.ask_mediators,
            "private_providers": people.ask_providers,
            "services": people.ask_services,
            "archive": people.ask_archive,
        }

    def _keep(self, name: str) -> None:

        self.answers.done.append(name)
        if not self.asker.attended:
            return
        try:
            save_answers(self._kept_at, self.answers)
            self.kept = True
        except OSError:
            self.kept = False

    def _confirm(self) -> None:
        """Show everything; a number changes a part of it."""
        if not self.asker.attended:
            return

        while True:
            lines = summary(self.answers)
            listed = "\n".join(f"{n:3}  {text}" for n, (_, text) in enumerate(lines, 1))
            self.asker.say("This is what you have answered:", listed)
            picked = self.asker.ask(
                "",
                "Press Enter to write the configuration, or type a number to change that line.",
                partial(typed.picks, of=len(lines)),
            )
            if not picked:
                return
            names = [lines[number - 1][0] for number in sorted(picked)]
            if "address" in names or "server" in names:
                names += [n for n in ("server", "way_in") if n not in names]
            steps = self._steps()
            for name in [step for step in steps if step in names]:
                self.answers.done = [done for done in self.answers.done if done != name]
                steps[name]()
                self._keep(name)

    # -- after -----------------------------------------------------------------------------------

    def _account_name(self) -> str:
        """The name that this mailbox has in the record, or a new one.

        Another mailbox under a name that is taken would make everything of the first one look as
        if it had vanished from the server.
        """
        for account in self._old.account if self._old is not None else ():
            if account.username == self.answers.username:
                return account.name
        archive = Path(self.answers.archive).expanduser()
        return self.answers.address if (archive / "journal.jsonl").exists() else ACCOUNT

    def _others(self) -> list[str]:
        """Further mailboxes of the old configuration that are to stay."""
        accounts = self._old.account if self._old is not None else ()
        return [
            account.name
            for account in accounts
            if account.username != self.answers.username
            and self.asker.yes(
                "",
                f"The old configuration also has the mailbox {account.username}. Keep it?",
                default=True,
            )
        ]

    def _write(self) -> None:
        self.answers.account = self._account_name()
        old = tomllib.loads(self.path.read_text("utf-8-sig")) if self._old is not None else {}
        aside = write_config(self.path, self.answers, old, self._others())
        self.written = True
        self._kept_at.unlink(missing_ok=True)
        if aside is not None:
            self.asker.say(f"The old configuration is now {aside}.")
        self.asker.say(f"Written: {self.path}. Every line in it is explained there.")


def _to_sign_in(asker: Asker) -> ExitCode:
    asker.say(
        "One thing is left: signing in on your provider's own page. Type:",
        "  papertrail login",
        "Then `papertrail check` tries everything, and `papertrail run` makes the first run. "
        "`papertrail init` once more would also look through your mail and propose addresses.",
    )
    return ExitCode.ATTENTION


def _try_out(ctx: click.Context, asker: Asker, answers: Answers) -> ExitCode:
    """Check what was written, and offer the first run."""
    asker.say("Now everything is tried once. On a big mailbox that takes a few minutes.")
    try:
        code: ExitCode = ctx.invoke(check)
        if code > ExitCode.ATTENTION:
            asker.say("Not everything works yet. `papertrail check` tries it again.")
            return code
        asker.say(
            "All is set up. The first run brings the school's mail home; with years of it, that "
            "takes a while. It can be stopped with Ctrl-C and goes on where it was.",
        )
        if asker.yes("run", "Make the first run now?", default=asker.attended):
            code = max(code, run_night(ctx.obj.settings))
        scheduled = asker.yes(
            "schedule",
            "Shall this computer do that every night by itself? (`papertrail schedule remove` "
            "undoes it.)",
            default=asker.attended,
        )
        if scheduled:
            code = max(code, _schedule(ctx, asker))
    except (KeyboardInterrupt, EOFError):
        asker.say("Stopped. All is set up, and what was received so far is kept.")
        asker.say(_NEXT)
        return ExitCode.FAILED
    asker.say(_next_steps(answers, scheduled=scheduled))
    return code


_NEXT = "`papertrail run` makes a run."


def _schedule(ctx: click.Context, asker: Asker) -> ExitCode:
    click.echo()
    try:
        done: ExitCode = ctx.invoke(install)
    except ArchiveError as error:
        asker.say(str(error), error.hint)
        return ExitCode.ATTENTION
    return done


def _next_steps(answers: Answers, *, scheduled: bool) -> str:
    steps = [("papertrail run", "brings home what is new")]
    if not answers.services:
        steps.append(("papertrail promises", "lists what IEPs in your mail promise, to confirm"))
    if not scheduled:
        steps.append(("papertrail schedule install", "has your computer do that every night"))
    steps += [
        ("papertrail status", "tells how things stand"),
        ("papertrail search WORDS", "finds messages"),
        ("papertrail --help", "shows everything else"),
    ]
    return "From now on:\n" + "\n".join(f"  {c}\n      {does}" for c, does in steps)
