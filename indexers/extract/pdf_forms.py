"""What was filled in and written onto a page of a PDF, put beside its labels."""

from __future__ import annotations

import ctypes
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from indexers.extract.pdf_page import Box, Lines

_MAX_FIELDS = 2_000  # on one page
_MAX_VALUE = 20_000  # characters
_HIDDEN = 2 | 32  # flags: hidden, no view (ISO 32000-1, table 165)
_NEAR = 40.0  # points between a box that is ticked and the words that belong to it


@dataclass(frozen=True, slots=True)
class Filled:
    """A value on a page."""

    text: str
    box: Box
    ticked: bool  # a box to tick: its label stands to the right as a rule


def read_fields(page: Any, forms: Any) -> list[Filled]:
    """The values of a page's form fields and what was typed onto it, from top to bottom."""
    from pypdfium2 import raw  # noqa: PLC0415

    found = []
    for n in range(min(raw.FPDFPage_GetAnnotCount(page.raw), _MAX_FIELDS)):
        note = raw.FPDFPage_GetAnnot(page.raw, n)
        if not note:
            continue
        try:
            one = _filled(raw, note, forms)
        finally:
            raw.FPDFPage_CloseAnnot(note)
        if one is not None:
            found.append(one)
    return sorted(found, key=lambda f: (-round(f.box[3] / 6), f.box[0]))


def _filled(raw: Any, note: Any, forms: Any) -> Filled | None:
    kind = raw.FPDFAnnot_GetSubtype(note)
    if raw.FPDFAnnot_GetFlags(note) & _HIDDEN:
        return None
    rect = raw.FS_RECTF()
    raw.FPDFAnnot_GetRect(note, ctypes.byref(rect))
    box = (min(rect.left, rect.right), min(rect.bottom, rect.top),
           max(rect.left, rect.right), max(rect.bottom, rect.top))  # fmt: skip
    if kind == raw.FPDF_ANNOT_FREETEXT:
        text = _string(lambda b, n: raw.FPDFAnnot_GetStringValue(note, b"Contents", b, n))
        return Filled(text, box, ticked=False) if text else None
    if kind == raw.FPDF_ANNOT_TEXT:
        text = _string(lambda b, n: raw.FPDFAnnot_GetStringValue(note, b"Contents", b, n))
        return Filled(f"(Note: {text})", box, ticked=False) if text else None
    if kind != raw.FPDF_ANNOT_WIDGET or forms is None:
        return None
    match raw.FPDFAnnot_GetFormFieldType(forms.raw, note):
        case raw.FPDF_FORMFIELD_CHECKBOX | raw.FPDF_FORMFIELD_RADIOBUTTON:
            mark = "[x]" if raw.FPDFAnnot_IsChecked(forms.raw, note) else "[ ]"
            return Filled(mark, box, ticked=True)
        case raw.FPDF_FORMFIELD_LISTBOX:
            text = ", ".join(
                _string(lambda b, n, i=i: raw.FPDFAnnot_GetOptionLabel(forms.raw, note, i, b, n))
                for i in range(min(max(raw.FPDFAnnot_GetOptionCount(forms.raw, note), 0), 500))
                if raw.FPDFAnnot_IsOptionSelected(forms.raw, note, i)
            )
        case raw.FPDF_FORMFIELD_TEXTFIELD | raw.FPDF_FORMFIELD_COMBOBOX:
            text = _string(lambda b, n: raw.FPDFAnnot_GetFormFieldValue(forms.raw, note, b, n))
        case _:
            return None
    return Filled(text, box, ticked=False) if text else None


def _string(get: Any) -> str:
    """A string of PDFium's, asked for twice: its size in bytes, then itself in UTF-16."""
    from pypdfium2 import raw  # noqa: PLC0415

    size = get(None, 0)
    if not 2 < size <= 2 * _MAX_VALUE:
        return ""
    buffer = (raw.FPDF_WCHAR * (size // 2 + 1))()
    get(buffer, size)
    text = bytes(buffer)[: size - 2].decode("utf-16-le", "replace")
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "").strip()


def beside_labels(
    textpage: Any, lines: Lines, filled: Sequence[Filled]
) -> tuple[dict[int, str], list[str]]:
    """Where values belong in a page's text.

    Returns:
        What to put before the character of ``lines.text`` with that number; and what has no text
        near it, for the end of the page.
    """
    at: dict[int, str] = defaultdict(str)
    rest: list[str] = []
    ends = [*(start - 2 for start in lines.starts[1:]), len(lines.text)]
    for value in filled:
        place = _place(textpage, lines, ends, value)
        if place is None:
            rest.append(value.text)
            continue
        offset, before, after = place
        at[offset] += f"{before}{value.text}{after}"
    return at, rest


def _place(
    textpage: Any, lines: Lines, ends: Sequence[int], value: Filled
) -> tuple[int, str, str] | None:
    left, _, right, top = value.box
    left_of: tuple[float, int] | None = None  # distance, offset of the last character of the label
    right_of: tuple[float, int] | None = None
    above: tuple[float, int] | None = None
    for start, end, runs in zip(lines.starts, ends, lines.runs, strict=True):
        for run in runs:
            if run[1] >= top - 2 and run[0] < right and run[2] > left:
                distance = run[1] - top
                if above is None or distance < above[0]:
                    above = (distance, end)
        if not any(_level(run, value.box) for run in runs):
            continue
        for n in range(start, end):
            if lines.text[n].isspace():
                continue
            a, low, b, high = textpage.get_charbox(n)
            if not _level((a, low, b, high), value.box):
                continue
            if (a + b) / 2 <= left + 1 and (left_of is None or left - b < left_of[0]):
                left_of = (left - b, n)
            if (a + b) / 2 >= right - 1 and (right_of is None or a - right < right_of[0]):
                right_of = (a - right, n)
    if value.ticked and right_of is not None and right_of[0] <= _NEAR:
        return right_of[1], "", " "
    if left_of is not None:
        return left_of[1] + 1, " ", ""
    if above is not None and above[0] <= 3 * _NEAR:
        return above[1], "\n", ""
    if right_of is not None:
        return right_of[1], "", " "
    return None


def _level(run: Box, box: Box) -> bool:
    """Whether a run stands on a field's own line, its first where it has several."""
    low, high = max(box[1], box[3] - 24), box[3]
    return min(run[3], high) - max(run[1], low) > 0.3 * min(run[3] - run[1], high - low)
