"""Taking answers from a file instead of a person: for set-ups without a screen, and for tests."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

import click

from archiver.cli.asking import Choice, at_least_one, plain
from archiver.errors import ArchiveError, ExitCode
from archiver.setup import typed

T = TypeVar("T")


class AnswerError(ArchiveError):
    """A file of answers lacks one, or has one that cannot be."""

    exit_code = ExitCode.USAGE
    hint = "docs/setup.md lists what a file of answers may hold. Nothing was written."

    def __init__(self, key: str, why: str) -> None:
        super().__init__(f"The answer {key!r}: {why}")
        self.key = key


class Unattended:
    """A file of answers. What is not in it has the default that a person would be offered."""

    attended = False

    def __init__(self, table: Mapping[str, object]) -> None:
        for key in table:
            if key not in KEYS:
                near = difflib.get_close_matches(key, KEYS, 1)
                raise AnswerError(key, f"unknown{f'; did you mean {near[0]!r}?' if near else ''}")
        self.table = table

    def given(self, key: str) -> object | None:
        """What is in the file."""
        return self.table.get(key)

    def say(self, *paragraphs: str) -> None:
        """As on a terminal, without breaking lines."""
        for paragraph in paragraphs:
            click.echo(paragraph)

    def ask(self, key: str, question: str, check: Callable[[str], T], default: str = "") -> T:
        """Look the answer up."""
        del question
        try:
            return check(typed.clean(_text(self.table.get(key, default))))
        except ValueError as error:
            raise AnswerError(key, str(error)) from None

    def yes(self, key: str, question: str, *, default: bool) -> bool:
        """True or false, or a word for them."""
        del question
        value = self.table.get(key, default)
        return value if isinstance(value, bool) else self.ask(key, "", typed.yes_or_no)

    def choose(self, key: str, question: str, choices: Mapping[str, str]) -> str:
        """The key of a choice; the first where none is given."""
        del question
        return self.ask(key, "", lambda text: typed.one_of(text, choices), next(iter(choices)))

    def tick(
        self,
        key: str,
        question: str,
        choices: Sequence[Choice],
        check: Callable[[str], list[str]],
        *,
        required: str = "",
    ) -> list[str]:
        """A list; where none is given, what is ticked."""
        del question
        ticked = ", ".join(choice.value for choice in choices if choice.ticked)
        if ticked and key not in self.table:
            click.echo(plain(f"{key}: {ticked}"))
        return self.ask(key, "", lambda text: at_least_one(check(text), required), ticked)

    def secret(self, question: str) -> str:
        """There is nobody to type it."""
        del question
        raise AnswerError(
            "password_from", "a password is never in this file; it is taken from the environment"
        )


KEYS = (
    "address", "lookup", "host", "port", "security", "username", "auth", "ca_file",
    "password_from", "password_env", "password_command", "child", "look", "school", "parents",
    "state", "timezone", "privileged", "mediators", "private_providers", "service", "archive",
    "replace", "run", "schedule",
)  # fmt: skip
"""What a file of answers may hold."""


def _text(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return str(value)
