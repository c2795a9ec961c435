"""Pure: a spreadsheet's values as they are displayed.

Excel keeps a number and a pattern by which it is shown; what the school's clerk saw, and what a
quote must say, is the two together. The patterns that schedules and logs are made of are followed;
of the rest the value is shown plainly.

Source: ECMA-376, part 1, 18.8.31 (numFmts).
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta

_SECTION = re.compile(r'((?:"[^"]*"|\\.|\[[^\]]*\]|[^;"\\])*);?')
_BRACKETS = re.compile(r"\[(?!h+\]|m+\]|s+\])[^\]]*\]", re.I)
_TOKEN = re.compile(
    r'"([^"]*)"|\\(.)|_.|\*.|(AM/PM|A/P)|(\[h+\]|\[m+\])|(y+|m+|d+|h+|s+(?:\.0+)?)|(.)', re.I
)
_DIGITS = re.compile(r"[#0?][#0?,]*(?:\.[#0?]+)?")
_LITERAL = re.compile(r'"([^"]*)"|\\(.)|_.|\*.')


def shown(value: object, layout: str) -> str:
    """A cell's value as text.

    Args:
        value: as openpyxl gives it.
        layout: the number format of the cell; "" or "General" where there is none.
    """
    layout = layout or "General"
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, datetime | date | time):
        return _moment(value, layout)
    if isinstance(value, timedelta):
        return _span(value, layout)
    if isinstance(value, int | float):
        return _number(float(value), layout)
    return str(value)


def _moment(value: datetime | date | time, layout: str) -> str:
    at = value if isinstance(value, datetime) else (
        datetime.combine(date(1900, 1, 1), value) if isinstance(value, time)
        else datetime.combine(value, time())
    )  # fmt: skip
    text = _by_tokens(at, layout)
    if text is not None:
        return text
    if isinstance(value, time):
        return f"{value:%H:%M}"
    if not (at.hour or at.minute or at.second):
        return str(at.date())
    return f"{at:%Y-%m-%d %H:%M}"


def _by_tokens(at: datetime, layout: str) -> str | None:
    """A date by its pattern; None where the pattern is none of a date."""
    first = _BRACKETS.sub("", _SECTION.match(layout)[1])  # type: ignore[index]  # matches ""
    tokens = [match.groups() for match in _TOKEN.finditer(first)]
    codes = [code.lower() for *_, code, _ in tokens if code]
    if not codes or layout.lower() == "general":
        return None
    half = any(noon for _, _, noon, _, _, _ in tokens)
    out: list[str] = []
    last = ""
    for n, (quoted, escaped, noon, elapsed, code, other) in enumerate(tokens):
        if quoted is not None:
            out.append(quoted)
        elif escaped:
            out.append(escaped)
        elif noon:
            out.append(f"{at:%p}" if len(noon) > 3 else f"{at:%p}"[0])
        elif elapsed:
            out.append(str(at.hour))
            last = "h"
        elif code:
            code = code.lower()  # noqa: PLW2901 - patterns are written in either case
            ahead = next((t[4].lower() for t in tokens[n + 1 :] if t[4]), "")
            minute = code[0] == "m" and (last == "h" or ahead.startswith("s"))
            out.append(_piece(at, code, minute=minute, half=half))
            last = code[0]
        elif other:
            out.append(other)
    return "".join(out).strip()


def _piece(at: datetime, code: str, *, minute: bool, half: bool) -> str:
    size = len(code)
    match code[0]:
        case "y":
            return f"{at.year:04}" if size > 2 else f"{at.year % 100:02}"
        case "m" if not minute:
            return (f"{at.month}", f"{at.month:02}", f"{at:%b}", f"{at:%B}", f"{at:%B}"[0])[
                min(size, 5) - 1
            ]
        case "d":
            return (f"{at.day}", f"{at.day:02}", f"{at:%a}", f"{at:%A}")[min(size, 4) - 1]
        case "h":
            hour = at.hour % 12 or 12 if half else at.hour
            return f"{hour:02}" if size > 1 else str(hour)
        case "m":
            return f"{at.minute:02}" if size > 1 else str(at.minute)
        case _:
            return f"{at.second:02}" if size > 1 else str(at.second)


def _span(value: timedelta, layout: str) -> str:
    seconds = int(value.total_seconds())
    hours, rest = divmod(abs(seconds), 3600)
    text = f"{hours}:{rest // 60:02}"
    if "s" in layout.lower() or rest % 60:
        text += f":{rest % 60:02}"
    return f"-{text}" if seconds < 0 else text


def _number(value: float, layout: str) -> str:
    sections = [m[1] for m in _SECTION.finditer(layout)][:4] or [layout]
    pattern = sections[0]
    if value < 0 and len(sections) > 1 and sections[1]:
        pattern, value = sections[1], -value
    elif value == 0 and len(sections) > 2 and sections[2]:
        pattern = sections[2]
    pattern = _BRACKETS.sub(_currency, pattern)
    digits = _DIGITS.search(_LITERAL.sub(lambda m: "\x00" * len(m[0]), pattern))
    if (
        pattern.lower() == "general"
        or "@" in pattern
        or digits is None
        or "/" in pattern
        or "E+" in pattern
    ):
        return _plain(value)
    percent = "%" in _LITERAL.sub("", pattern)
    form = digits[0]
    places = len(form.partition(".")[2])
    value = value * 100 if percent else value
    number = f"{value:,.{places}f}" if "," in form.partition(".")[0] else f"{value:.{places}f}"
    whole = form.partition(".")[0].replace(",", "").lstrip("#?")
    if len(whole) > 1 and value >= 0:
        before, point, after = number.partition(".")
        number = before.rjust(len(whole), "0") + point + after
    return (_words(pattern[: digits.start()]) + number + _words(pattern[digits.end() :])).strip()


def _currency(match: re.Match[str]) -> str:
    """``[$€-407]`` stands for a sign of money; other brackets are colours and conditions."""
    inner = match[0][1:-1]
    return f'"{inner[1:].partition("-")[0]}"' if inner.startswith("$") else ""


def _words(pattern: str) -> str:
    return _LITERAL.sub(lambda m: m[1] if m[1] is not None else m[2] or "", pattern)


def _plain(value: float) -> str:
    if value == int(value) and abs(value) < 1e15:
        return str(int(value))
    return f"{value:.10g}"
