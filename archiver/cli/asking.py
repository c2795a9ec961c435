"""Asking a person at a plain terminal; ``answering`` asks a file instead.

Nothing here needs colour, a cursor or a wide screen. Ctrl-C and the end of input are left to the
caller, as KeyboardInterrupt and EOFError.
"""

from __future__ import annotations

import codecs
import contextlib
import getpass
import locale
import shutil
import sys
import textwrap
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

import click

from archiver.setup import typed

T = TypeVar("T")
_WIDEST, _NARROWEST = 78, 24
_SHOWN_AT_ONCE = 12  # choices of a list, before "more"


@dataclass(frozen=True, slots=True)
class Choice:
    """A line of a list in which lines can be ticked."""

    value: str
    ticked: bool
    detail: str = ""


class Asker(Protocol):
    """Who answers. A ``check`` turns text into a value or raises ValueError with a sentence."""

    attended: bool  # somebody reads what is said and can answer again

    def given(self, key: str) -> object | None:
        """What a file of answers has; None where it has none, and for a person."""
        ...

    def say(self, *paragraphs: str) -> None:
        """Tell something."""
        ...

    def ask(self, key: str, question: str, check: Callable[[str], T], default: str = "") -> T:
        """Ask until the check is content; ``default`` is taken for an empty answer."""
        ...

    def yes(self, key: str, question: str, *, default: bool) -> bool:
        """Ask for yes or no."""
        ...

    def choose(self, key: str, question: str, choices: Mapping[str, str]) -> str:
        """One of a few ways on: the key of the chosen one."""
        ...

    def tick(
        self,
        key: str,
        question: str,
        choices: Sequence[Choice],
        check: Callable[[str], list[str]],
        *,
        required: str = "",
    ) -> list[str]:
        """Several of a list, and others that are typed; ``required`` says why none will not do."""
        ...

    def secret(self, question: str) -> str:
        """Ask for something that must not show on the screen."""
        ...


class Terminal:
    """A person at a terminal, or lines piped in as a person would type them."""

    attended = True

    def __init__(self) -> None:
        # What a terminal of another encoding sends becomes a substitute, which `clean` refuses.
        if hasattr(sys.stdin, "reconfigure"):
            sys.stdin.reconfigure(errors="replace")
        # readline reads bytes by the locale; where that is not what Python reads by, names suffer.
        spoken = codecs.lookup(locale.getpreferredencoding(False))
        if sys.stdin.isatty() and codecs.lookup(sys.stdin.encoding) == spoken:
            with contextlib.suppress(ImportError):
                import readline  # noqa: PLC0415 - arrow keys that work; Windows has its own

                # A password typed at the wrong prompt must not come back with an arrow key.
                readline.set_auto_history(False)

    def given(self, key: str) -> object | None:
        """Nothing is known before it is asked."""
        del key
        return None

    def say(self, *paragraphs: str) -> None:
        """Wrap to the terminal's width; a line that begins with blanks keeps them."""
        for paragraph in paragraphs:
            click.echo()
            _print(paragraph)

    def ask(self, key: str, question: str, check: Callable[[str], T], default: str = "") -> T:
        """Ask, and ask again with the reason where the answer cannot be."""
        del key
        self.say(question + (f" [Enter: {default}]" if default else ""))
        while True:
            try:
                return check(self._line("> ") or default)
            except ValueError as error:
                _print(str(error))

    def yes(self, key: str, question: str, *, default: bool) -> bool:
        """Ask for y or n."""
        hint = f"[y or n; Enter: {'y' if default else 'n'}]"
        return self.ask(
            key, f"{question} {hint}", lambda text: typed.yes_or_no(text) if text else default
        )

    def choose(self, key: str, question: str, choices: Mapping[str, str]) -> str:
        """A numbered list."""
        listed = "\n".join(f"  {n}  {text}" for n, text in enumerate(choices.values(), 1))
        return self.ask(
            key, f"{question} [Enter: 1]\n{listed}", lambda text: typed.one_of(text or "1", choices)
        )

    def tick(
        self,
        key: str,
        question: str,
        choices: Sequence[Choice],
        check: Callable[[str], list[str]],
        *,
        required: str = "",
    ) -> list[str]:
        """A numbered list with ticks; numbers switch them, + adds, Enter goes on."""
        if not choices:
            none = "" if required else " Press Enter for none."
            return self.ask(
                key,
                f"{question}\nType addresses, or what stands after the @, with commas.{none}",
                lambda text: at_least_one(check(text), required),
            )
        listed = list(choices)
        ticked = {c.value for c in listed if c.ticked}
        shown = max(_SHOWN_AT_ONCE, sum(c.ticked for c in listed))
        self.say(question)
        while True:
            self._show(listed[:shown], ticked)
            rest = len(listed) - shown
            _print(_HOW_TO_TICK + (f' "more" shows {rest} others.' if rest > 0 else ""))
            try:
                text = self._line("> ")
                if not text:
                    return at_least_one([c.value for c in listed if c.value in ticked], required)
                if text.casefold() in {"more", "m"}:
                    shown = len(listed)
                elif text.startswith("+") or "@" in text or "." in text:
                    for value in check(text.lstrip("+ ")):
                        if all(value != choice.value for choice in listed):
                            listed.insert(shown, Choice(value, ticked=True))
                            shown += 1
                        ticked.add(value)
                else:
                    numbers = typed.picks(text, min(shown, len(listed)))
                    ticked ^= {listed[number - 1].value for number in numbers}
            except ValueError as error:
                _print(str(error))

    def secret(self, question: str) -> str:
        """Without echo where there is a terminal; a line of input where there is none."""
        self.say(question)
        if sys.stdin.isatty():
            return getpass.getpass("> ")
        line = sys.stdin.readline()
        if not line:
            raise EOFError
        return line.rstrip("\r\n")

    def _show(self, choices: Iterable[Choice], ticked: Collection[str]) -> None:
        click.echo()
        for number, choice in enumerate(choices, 1):
            mark = "x" if choice.value in ticked else " "
            click.echo(plain(f"{number:3} [{mark}] {choice.value}"))
            for line in choice.detail.split("\n") if choice.detail else ():
                _print(f"        {line}")
        click.echo()

    def _line(self, prompt: str) -> str:
        return typed.clean(input(prompt))


_HOW_TO_TICK = (
    "Numbers switch a tick on or off (2 5-7), + adds one (+ name@school.example), Enter goes on."
)


def wrapped(line: str, width: int) -> str:
    """One line, broken at blanks but not at U+00A0; the rest is indented as the text is."""
    stripped = line.lstrip(" ")
    lead = len(line) - len(stripped)
    number = stripped.split("  ", 1)[0] if stripped[:1].isdigit() and "  " in stripped else ""
    hang = " " * (lead + (len(number) + 2 if number else 0))
    filled = textwrap.fill(
        line,
        width,
        subsequent_indent=hang,
        break_long_words=False,
        break_on_hyphens=False,
        replace_whitespace=False,
    )
    return filled.replace("\xa0", " ")


def _print(text: str) -> None:
    for line in text.split("\n"):
        click.echo(wrapped(plain(line), _width()))


def plain(text: str) -> str:
    """Without what would steer the terminal: names and subjects are strangers' words."""
    return "".join(c for c in text if c.isprintable() or c == "\xa0")


def _width() -> int:
    return max(_NARROWEST, min(_WIDEST, shutil.get_terminal_size().columns - 1))


def at_least_one(found: list[str], required: str) -> list[str]:
    """What was found; where that is nothing and something is required, a reason to ask again."""
    if required and not found:
        raise ValueError(required)
    return found
