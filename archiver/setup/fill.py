"""Pure: answers to a configuration file, with the explanations of config.example.toml kept.

The example is the template: its comments stay, the answers take the place of its values, and what
was not answered stays as a comment that shows the default. So a setting that is new in the example
is explained in every configuration that is written from then on.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from datetime import date
from importlib.resources import files
from pathlib import Path

Table = Mapping[str, object]
_HEADER = re.compile(r"(\[\[?)([a-z_.]+)\]\]?\s*$")
_KEY = re.compile(r"([a-z_]+) = ")


def example() -> str:
    """The text of config.example.toml: beside the code where it is installed, else in the tree."""
    packed = files("archiver") / "config.example.toml"
    if packed.is_file():
        return packed.read_text(encoding="utf-8")
    return (Path(__file__).parents[2] / "config.example.toml").read_text(encoding="utf-8")


def fill(template: str, answers: Mapping[str, Table | list[Table]], head: str) -> str:
    """Put answers into the example.

    Args:
        template: the example; each value on one line.
        answers: by table as in the file; a list for ``[[tables]]``.
        head: lines in place of the example's own opening words.

    Returns:
        TOML that parses to just the answers: with every table that was answered, and no other.
    """
    lines, seen = [f"# {line}".rstrip() for line in head.splitlines()], set[str]()
    for comments, name, body in _sections(template):
        seen.add(name)
        given = answers.get(name)
        tables = given if isinstance(given, list) else [given] if given else []
        lines += ["", *comments]
        if not tables:
            lines += [_commented(line) for line in body]
            continue
        lines += [body[0], *_body(body[1:], tables[0])]
        for further in tables[1:]:
            lines += ["", body[0], *(f"{key} = {toml(value)}" for key, value in further.items())]
    missing = [name for name in answers if name not in seen and answers[name]]
    if missing:
        raise ValueError(f"the example has no table for {missing}")
    return "\n".join(lines) + "\n"


def toml(value: object) -> str:
    """One value as TOML on one line."""
    match value:
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case date():
            return value.isoformat()
        case str():
            # A JSON string is a TOML string, but for DEL, which TOML wants escaped.
            return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
        case list() | tuple():
            return f"[{', '.join(map(toml, value))}]"
        case _:
            raise TypeError(f"no TOML for {type(value).__name__}")


def _sections(template: str) -> list[tuple[list[str], str, list[str]]]:
    """Of each table its comments above, its name, and its lines from the header on."""
    waiting: list[str] = []  # comments and empty lines that may belong to the next table
    sections: list[tuple[list[str], str, list[str]]] = []
    for line in template.splitlines():
        match = _HEADER.match(line)
        if match:
            sections.append((_paragraph(waiting), match[2], [line]))
            waiting = []
        elif line.startswith("#") or not line:
            waiting.append(line)
        elif sections:
            sections[-1][2].extend([*waiting, line])
            waiting = []
    return sections


def _paragraph(lines: Iterable[str]) -> list[str]:
    """The comments right above a table: those after the last empty line."""
    found: list[str] = []
    for line in lines:
        found = [*found, line] if line else []
    return found


def _body(lines: Iterable[str], table: Table) -> list[str]:
    done, out = set[str](), []
    for line in lines:
        match = _KEY.match(line)
        if match is None:
            out.append(line)
        elif match[1] in table:
            done.add(match[1])
            out.append(f"{match[1]} = {toml(table[match[1]])}")
        else:
            out.append(_commented(line))
    out += [f"{key} = {toml(value)}" for key, value in table.items() if key not in done]
    return [line for line in out if line]


def _commented(line: str) -> str:
    return line if not line or line.startswith("#") else f"#{line}"
