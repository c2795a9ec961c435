"""Progress on a terminal or as plain lines, and the formats that lists can be printed in."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import nullcontext
from typing import Any

import click

_WIDE = {"words": 5, "kind": 2, "source": 2}  # shares of the width that is left
_CONTROLS = (*range(0x20), *range(0x7F, 0xA0), 0x200E, 0x200F, *range(0x202A, 0x202F),
             *range(0x2066, 0x206A))  # fmt: skip
_OBEYED = {code: "\ufffd" for code in _CONTROLS if code not in {0x09, 0x0A}}
_AS_JSON = {code: f"\\u{code:04x}" for code in _CONTROLS if code >= 0x7F}
FORMATS = ("table", "jsonl", "csv")


def format_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """``--format table|jsonl|csv``, the same on every command that lists things."""
    return click.option(
        "--format",
        "form",
        type=click.Choice(FORMATS),
        default="table",
        show_default=True,
        help="How to print the list.",
    )(command)


def print_rows(rows: Sequence[Mapping[str, object]], form: str, columns: Sequence[str]) -> None:
    """Print records: a table of some columns, or everything as JSON lines or CSV."""
    if form == "jsonl":
        for row in rows:
            click.echo(_escaped(json.dumps(row, ensure_ascii=False)))
    elif form == "csv":
        text = as_csv(rows)
        click.echo(printable(text) if sys.stdout.isatty() else text, nl=False)
    elif rows:
        print_table(columns, [[str(row[c]) for c in columns] for row in rows])


def as_csv(rows: Iterable[Mapping[str, object]]) -> str:
    """Records as CSV with a header line; a cell that a spreadsheet would run gets an apostrophe."""
    rows = list(rows)
    out = io.StringIO()
    if rows:
        writer = csv.DictWriter(out, list(rows[0]), lineterminator="\r\n")
        writer.writeheader()
        writer.writerows({key: safe_cell(value) for key, value in row.items()} for row in rows)
    return out.getvalue()


def safe_cell(value: object) -> str:
    """A cell's text, harmless to a spreadsheet."""
    text = "" if value is None else str(value)
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t", "\r"} else text


def print_table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """A table for a person, as wide as the terminal."""
    from rich.box import SIMPLE_HEAD  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    table = Table(box=SIMPLE_HEAD, pad_edge=False, expand=bool(_WIDE.keys() & set(columns)))
    for column in columns:
        table.add_column(
            column.replace("_", " "),
            overflow="fold",
            no_wrap=column == "date",
            ratio=_WIDE.get(column),
        )
    for row in rows:
        table.add_row(*(Text(printable(cell)) for cell in row))
    console().print(table)


def print_lines(lines: Iterable[object]) -> None:
    """Lines of rich text; on a terminal, what is longer than the screen goes to the pager."""
    out, every = console(), [_harmless(line) for line in lines]
    live = sys.stdout.isatty()
    with out.pager(styles=True) if live and len(every) > out.size.height - 2 else nullcontext():
        for line in every:
            # Into a pipe a line stays a line, however long.
            out.print(line, soft_wrap=not live)


def printable(text: str) -> str:
    """Mail's text with nothing in it that a terminal obeys: each such character is shown as \ufffd.

    An escape sequence in a subject could otherwise clear the screen, or set the clipboard; a mark
    of writing direction could turn a sentence or a file's name around.
    """
    return text.translate(_OBEYED)


def _harmless(line: object) -> object:
    from rich.text import Text  # noqa: PLC0415

    if isinstance(line, str):
        return Text(printable(line))  # as it stands: "[2eb8178bf95d]" is no style
    if isinstance(line, Text):
        line.plain = printable(line.plain)  # each character stays in its place
    return line


def _escaped(line: str) -> str:
    """JSON with what a terminal obeys as JSON's own escapes: the same content."""
    return line.translate(_AS_JSON)


def console() -> Any:
    """A rich console on standard output; 100 columns where it is no terminal."""
    from rich.console import Console  # noqa: PLC0415

    return Console(highlight=False, width=None if sys.stdout.isatty() else 100)


class TerminalProgress:
    """A bar on standard error where that is a terminal, else a line a stretch of work."""

    def __init__(self) -> None:
        self._bar: Any = None
        self._live = sys.stderr.isatty()

    def start(self, what: str, total: int) -> None:
        """Begin a stretch."""
        self.finish()
        if not total:
            return
        if not self._live:
            click.echo(f"{what} ({total})", err=True)
            return
        self._bar = click.progressbar(
            length=total, label=what, file=sys.stderr, width=30, show_pos=True
        )
        self._bar.__enter__()

    def step(self, count: int = 1) -> None:
        """Move on."""
        if self._bar is not None:
            self._bar.update(count)

    def say(self, line: str) -> None:
        """A line of its own."""
        self.finish()
        click.echo(line, err=True)

    def finish(self) -> None:
        """Close the bar."""
        if self._bar is not None:
            self._bar.__exit__(None, None, None)
            self._bar = None
