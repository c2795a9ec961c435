"""`papertrail init`: the guided set-up, from an e-mail address to a first run."""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from archiver.cli.main import App, has_command
from archiver.errors import ArchiveError, ConfigError, ExitCode

if TYPE_CHECKING:
    from archiver.cli.asking import Asker
    from archiver.setup.answers import Answers

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
    from archiver.cli.asking import Terminal, Unattended  # noqa: PLC0415

    app: App = ctx.obj
    if answers_file is None and sys.stdin is None:
        raise click.UsageError("there is no terminal to ask at; use --answers FILE")
    asker: Asker = Terminal() if answers_file is None else Unattended(_read(answers_file))
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
    return _try_out(ctx, asker, setup.answers)


class _Setup:
    """One set-up: its steps in order, the answers kept after each."""

    def __init__(self, asker: Asker, path: Path) -> None:
        from archiver.cli.setup_account import Account  # noqa: PLC0415
        from archiver.cli.setup_people import People  # noqa: PLC0415
        from archiver.setup.answers import Answers, answers_path  # noqa: PLC0415

        self.asker, self.path = asker, path
        self.answers, self._kept_at = Answers(), answers_path()
        self.kept = self.written = False
        self._account, self._people = Account, People

    def run(self) -> None:
        """Ask everything, show it, write the file."""
        asker = self.asker
        asker.say(
            "Welcome to Paper Trail. This takes about ten minutes. Ctrl-C stops it at any time; "
            'what you have answered is kept. Press Enter to take what stands after "Enter:".',
        )
        if not self._may_write():
            return
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

    def _go_on(self) -> None:
        """Take up an earlier set-up where the person wants that."""
        from archiver.setup.answers import load_answers  # noqa: PLC0415

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
        from archiver.password_store import remove_from_keyring  # noqa: PLC0415

        if "way_in" in earlier.done:
            remove_from_keyring(earlier.username)
            if earlier.password_file:
                Path(earlier.password_file).unlink(missing_ok=True)
        self._kept_at.unlink(missing_ok=True)

    # -- the steps -------------------------------------------------------------------------------

    def _steps(self) -> dict[str, Callable[[], object]]:
        account = self._account(self.asker, self.answers)
        signs_in = self.answers.auth != "password"
        people = self._people(self.asker, self.answers, None if signs_in else account.connect)

        def way_in() -> None:
            if not account.ask_way_in():
                people.without_mailbox()

        return {
            "address": account.ask_address,
            "server": account.ask_server,
            "way_in": way_in,
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
        from archiver.setup.answers import save_answers  # noqa: PLC0415

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
        from archiver.setup import typed  # noqa: PLC0415

        while True:
            lines = _summary(self.answers)
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

    def _write(self) -> None:
        from archiver.config import parse_settings  # noqa: PLC0415
        from archiver.private_file import write_private  # noqa: PLC0415
        from archiver.setup.answers import tables  # noqa: PLC0415
        from archiver.setup.fill import example, fill  # noqa: PLC0415

        made = tables(self.answers)
        parse_settings(dict(made))
        text = fill(example(), made, _HEAD.format(day=_today()))
        if tomllib.loads(text) != made:
            raise ConfigError(self.path, ["what was written would not be what was answered"])
        try:
            aside = _set_aside(self.path)
            write_private(self.path, text)
        except OSError as error:
            raise ConfigError(self.path, [f"it cannot be written: {error.strerror}"]) from error
        self.written = True
        self._kept_at.unlink(missing_ok=True)
        if aside is not None:
            self.asker.say(f"The old configuration is now {aside}.")
        self.asker.say(f"Written: {self.path}. Every line in it is explained there.")


_HEAD = """\
The configuration of Paper Trail, written by `papertrail init` on {day}.
It is yours to change with any text editor; `papertrail check` tells of every mistake in it.
A line with # in front is an explanation, or a setting that is not in use and shows an example."""


def _summary(answers: Answers) -> list[tuple[str, str]]:
    from archiver.cli.setup_people import describe  # noqa: PLC0415

    def some(values: list[str]) -> str:
        return ", ".join(values) or "none"

    services = "; ".join(map(describe, answers.services)) or "none"
    return [
        ("address", f"Mailbox: {answers.address}"),
        ("server", f"Mail server: {answers.host}, port {answers.port}"),
        ("child", f"Child: {some(answers.child)}"),
        ("school", f"The school: {some(answers.school)}"),
        ("parents", f"The family: {some(answers.parents)}"),
        ("place", f"Place: {answers.state}, {answers.timezone}"),
        ("privileged", f"Attorney or advocate: {some(answers.privileged)}"),
        ("mediators", f"Mediators: {some(answers.mediators)}"),
        ("private_providers", f"Doctors: {some(answers.private_providers)}"),
        ("services", f"The IEP promises: {services}"),
        ("archive", f"Folder of the record: {answers.archive}"),
    ]


def _try_out(ctx: click.Context, asker: Asker, answers: Answers) -> ExitCode:
    """Check what was written, and offer the first run."""
    from archiver.cli.check import check  # noqa: PLC0415
    from archiver.cli.nightly import run_night  # noqa: PLC0415

    if answers.auth != "password":
        command = "papertrail login" if has_command("login") else "a version that can sign in"
        asker.say(
            "One thing is left: signing in on your provider's own page. Type:",
            f"  {command}",
            "Then `papertrail check` tries everything, and `papertrail run` makes the first run.",
        )
        return ExitCode.ATTENTION
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
    except (KeyboardInterrupt, EOFError):
        asker.say("Stopped. All is set up, and what was received so far is kept.")
        asker.say(_NEXT)
        return ExitCode.FAILED
    asker.say(_next_steps(answers))
    return code


_NEXT = "`papertrail run` makes a run."


def _next_steps(answers: Answers) -> str:
    steps = [("papertrail run", "brings home what is new")]
    if not answers.services:
        steps.append(("papertrail promises", "lists what IEPs in your mail promise, to confirm"))
    if has_command("schedule"):
        steps.append(("papertrail schedule install", "has your computer do that every night"))
    steps += [
        ("papertrail status", "tells how things stand"),
        ("papertrail search WORDS", "finds messages"),
        ("papertrail --help", "shows everything else"),
    ]
    return "From now on:\n" + "\n".join(f"  {c}\n      {does}" for c, does in steps)


def _set_aside(path: Path) -> Path | None:
    """Give an existing file a dated name; None where there is none."""
    if not path.exists():
        return None
    for number in range(1, 1000):
        suffix = "" if number == 1 else f"-{number}"
        aside = path.with_name(f"{path.stem}-{_today()}{suffix}{path.suffix}")
        if not aside.exists():
            path.rename(aside)
            return aside
    raise FileExistsError(17, "there are too many old ones", str(path))


def _today() -> str:
    return date.today().isoformat()  # noqa: DTZ011 - the day on this computer's calendar


def _read(path: Path) -> dict[str, object]:
    from archiver.config import refuse_passwords  # noqa: PLC0415

    try:
        table = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        raise ConfigError(path, [f"it cannot be read: {error.strerror}"]) from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(path, [f"it is not valid TOML: {error}"]) from None
    refuse_passwords(table, path)
    return table
