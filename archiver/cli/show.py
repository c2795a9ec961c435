"""Progress on a terminal or as plain lines, and the formats that lists can be printed in."""

from __future__ import annotations

import csv
import io
import json
import shutil
import sys
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import nullcontext
from typing import Any

import click

_WIDE = {"words": 5, "kind": 2, "source": 2, "says": 6}  # shares of the width that is left
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
            click.echo(json.dumps(row, ensure_ascii=False))
    elif form == "csv":
        click.echo(as_csv(rows), nl=False)
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


def visible(text: str) -> str:
    """Text that cannot steer a terminal: whatever it holds, it is shown and does nothing.

    Escape sequences, marks that turn the direction of text and other controls become a
    replacement sign, odd spaces a space; line ends stay.
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c == "\n" else _shown(c) for c in text)


def _shown(character: str) -> str:
    if character == "\t" or unicodedata.category(character) == "Zs":
        return " "
    # Joiners and soft hyphens do nothing to a reader who does not see them.
    return "" if character in "\u200b\u200c\u200d\u00ad\ufeff\r" else "\N{REPLACEMENT CHARACTER}"


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
        table.add_row(*(Text(visible(cell)) for cell in row))
    console().print(table)


def print_lines(lines: Iterable[object]) -> None:
    """Lines of rich text; on a terminal, what is longer than the screen goes to the pager."""
    out, every = console(), list(lines)
    live = sys.stdout.isatty()
    with out.pager(styles=True) if live and len(every) > out.size.height - 2 else nullcontext():
        for line in every:
            # Into a pipe a line stays a line, however long.
            out.print(line, soft_wrap=not live)


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
        # What is wider than the terminal wraps, and then every step is a line of its own.
        columns = shutil.get_terminal_size().columns
        room = columns - 2 * len(str(total)) - len("  []  /  00:00:00 ")
        label = (
            what if len(what) < room - 5 else what[: max(0, room - 8)] + ("..." if room > 8 else "")
        )
        self._bar = click.progressbar(
            length=total,
            label=label,
            file=sys.stderr,
            width=max(1, min(30, room - len(label))),
            show_pos=True,
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
