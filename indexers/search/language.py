"""Pure: what a person types into a search, as a tree. docs/search.md is its page for users.

The grammar, OR binding tighter than a space (as in Google, Gmail and Westlaw)::

    all    = any (["AND"] any)*
    any    = one ("OR" one)*
    one    = ("NOT" | "-") one | "(" all ")" | [field ":"] (word | "phrase" | prefix* | word~)

Reading never fails: what cannot be read is left out, a problem says where, and the rest is the
nearest reading. ``parse`` raises it as a ``QueryError``; ``read_query`` hands both back.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from indexers.search.contract import QueryError
from indexers.vocabulary import PREFIX_MARK, fold, tokens

FIELDS = (
    "from", "to", "cc", "with", "subject", "attachment", "type", "kind", "service", "before",
    "after", "on", "during", "date", "in", "has", "is", "thread",
)  # fmt: skip
DATE_FIELDS = frozenset({"before", "after", "on", "during", "date"})
TEXT_FIELDS = frozenset({"subject", "attachment"})

_MAX_QUERY = 1000  # characters
_MAX_DEPTH = 50  # parentheses and NOTs within one another
_DATE_WORDS = 5  # "the first week of March" is as long as a day gets


@dataclass(frozen=True, slots=True)
class Text:
    """Words to look for one after another: a single word most often."""

    words: tuple[str, ...]  # folded; the last may end in PREFIX_MARK
    exact: bool  # in quotes: as written, without other endings
    fuzzy: int = 0  # letters that may differ
    field: str = ""  # "subject", "attachment", or "" for anywhere


@dataclass(frozen=True, slots=True)
class Field:
    """A filter: ``from:dana``."""

    name: str
    value: str  # as typed, without quotes; folded by whoever compares it


@dataclass(frozen=True, slots=True)
class Not:
    """What must not be."""

    node: Node


@dataclass(frozen=True, slots=True)
class And:
    """All of them, two or more."""

    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """Any of them, two or more."""

    nodes: tuple[Node, ...]


Node = Text | Field | Not | And | Or


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a query cannot be read as it stands."""

    at: int  # code points of the query
    why: str  # the rest of a sentence


def parse(query: str, is_date: Callable[[str], bool]) -> Node:
    """Read a query.

    Args:
        query: as typed.
        is_date: whether some words name a day or a span of days; ``before:last spring`` needs no
            quotes because of it.

    Raises:
        QueryError: it cannot be read as it stands, with the place and the nearest reading.
    """
    node, problems = read_query(query, is_date)
    if problems or node is None:
        problem = problems[0] if problems else Problem(0, "there is nothing to look for")
        raise QueryError(query, problem.why, problem.at, render(node) if node else "")
    return node


def read_query(query: str, is_date: Callable[[str], bool]) -> tuple[Node | None, list[Problem]]:
    """The nearest reading of any text at all, and what is wrong with it; raises nothing."""
    problems: list[Problem] = []
    if len(query) > _MAX_QUERY:
        problems.append(Problem(_MAX_QUERY, f"it is longer than {_MAX_QUERY} characters"))
    reader = _Reader(list(_lex(query[:_MAX_QUERY], problems)), is_date, problems)
    node = reader.all_of(0)
    while reader.at_end is False:
        token = reader.take()
        problems.append(Problem(token.at, "this parenthesis closes none"))
        more = reader.all_of(0)
        node = more if node is None else And((node, more)) if more is not None else node
    problems.sort(key=lambda problem: problem.at)
    return (_flat(node) if node is not None else None), problems


def render(node: Node) -> str:
    """A tree as a query that reads as the same tree."""
    match node:
        case And(nodes):
            return " ".join(_inner(n, And) for n in nodes)
        case Or(nodes):
            return " OR ".join(_inner(n, Or) for n in nodes)
        case Not(inner):
            return f"NOT {_inner(inner, Not)}"
        case Field(name, value):
            return f"{name}:{value}" if _plain(value) else f'{name}:"{value}"'
        case Text(words, exact, fuzzy, field):
            joined = " ".join(w.replace(PREFIX_MARK, "*") for w in words)
            if exact:
                joined = f'"{joined}"'
            elif fuzzy:
                joined = f"{joined}~{fuzzy}"
            elif len(words) > 1:
                joined = "-".join(w.replace(PREFIX_MARK, "*") for w in words)
            return f"{field}:{joined}" if field else joined


def leaves(node: Node, *, wanted: bool = True) -> Iterator[tuple[Text | Field, bool]]:
    """Every leaf, and whether it is asked for (or, under a NOT, to be absent)."""
    match node:
        case And(nodes) | Or(nodes):
            for inner in nodes:
                yield from leaves(inner, wanted=wanted)
        case Not(inner):
            yield from leaves(inner, wanted=not wanted)
        case _:
            yield node, wanted


def _plain(value: str) -> bool:
    return bool(re.fullmatch(r"[\w@*][\w@.*/+'&-]*", value)) and value not in _OPERATORS


def _inner(node: Node, parent: type) -> str:
    text = render(node)
    loose = isinstance(node, And | Or) or (isinstance(node, Not) and parent is Or)
    return f"({text})" if loose else text


def _flat(node: Node) -> Node:
    """And within And, Or within Or, as one; twice NOT as none."""
    match node:
        case And(nodes) | Or(nodes):
            kind = type(node)
            flat: list[Node] = []
            for inner in map(_flat, nodes):
                flat.extend(inner.nodes if isinstance(inner, kind) else (inner,))
            return kind(tuple(flat)) if len(flat) > 1 else flat[0]
        case Not(inner):
            inside = _flat(inner)
            return inside.node if isinstance(inside, Not) else Not(inside)
        case _:
            return node


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str  # "(", ")", "or", "and", "not", "field", "quote", "word"
    text: str
    at: int


_LEX = re.compile(
    r"\s*(?:(?P<paren>[()])"
    r"|(?P<not>-)(?=[^\s\-)])"
    rf"|(?P<field>(?i:{'|'.join(FIELDS)})):(?=\S)"
    r'|"(?P<quote>[^"]*)(?P<close>"?)'
    r'|(?P<word>[^\s()"]+))'
)
_STRAIGHT = str.maketrans(
    {"“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "\xa0": " ", PREFIX_MARK: " "}
)
_OPERATORS = {"OR": "or", "AND": "and", "NOT": "not", "|": "or", "||": "or", "&&": "and"}


def _lex(query: str, problems: list[Problem]) -> Iterator[_Token]:
    text, at = query.translate(_STRAIGHT), 0
    while match := _LEX.match(text, at):
        start = match.start(match.lastgroup or 0)
        if match["paren"]:
            yield _Token(match["paren"], match["paren"], start)
        elif match["not"]:
            yield _Token("not", "-", start)
        elif match["field"]:
            yield _Token("field", match["field"].lower(), start)
        elif match["quote"] is not None:
            start = match.start("quote") - 1
            if not match["close"]:
                problems.append(Problem(start, "this quote is not closed"))
            yield _Token("quote", match["quote"], start)
        else:
            word = match["word"]
            yield _Token(_OPERATORS.get(word, "word"), word, start)
        at = match.end()


class _Reader:
    """Recursive descent over the tokens; every method returns None where nothing is left over."""

    def __init__(
        self, found: list[_Token], is_date: Callable[[str], bool], problems: list[Problem]
    ) -> None:
        self._tokens, self._at = found, 0
        self._is_date, self._problems = is_date, problems

    @property
    def at_end(self) -> bool:
        return self._at >= len(self._tokens)

    def take(self) -> _Token:
        self._at += 1
        return self._tokens[self._at - 1]

    def _next(self) -> str:
        return "" if self.at_end else self._tokens[self._at].kind

    def _problem(self, token: _Token, why: str) -> None:
        self._problems.append(Problem(token.at, why))

    def all_of(self, depth: int) -> Node | None:
        found: list[Node] = []
        while self._next() not in {"", ")"}:
            if self._next() in {"and", "or"}:
                token = self.take()
                if token.kind == "or" or not found or self._next() in {"", ")", "and", "or"}:
                    self._problem(token, f"{token.text} needs a word on either side")
                continue
            node = self._any_of(depth)
            if node is not None:
                found.append(node)
        return And(tuple(found)) if len(found) > 1 else found[0] if found else None

    def _any_of(self, depth: int) -> Node | None:
        found = [self._one(depth)]
        while self._next() == "or":
            token = self.take()
            if self._next() in {"", ")", "or", "and"}:
                self._problem(token, f"{token.text} needs a word on either side")
                break
            found.append(self._one(depth))
        kept = tuple(node for node in found if node is not None)
        return Or(kept) if len(kept) > 1 else kept[0] if kept else None

    def _one(self, depth: int) -> Node | None:
        token = self.take()
        if depth > _MAX_DEPTH:
            self._problem(token, "there are too many parentheses within one another")
            return None
        match token.kind:
            case "not":
                if self._next() in {"", ")", "or", "and"}:
                    self._problem(token, f"{token.text} needs a word after it")
                    return None
                node = self._one(depth + 1)
                return Not(node) if node is not None else None
            case "(":
                return self._group(token, depth)
            case "field":
                return self._field(token, depth)
            case "quote":
                return self._text(token, "")
            case _:
                return self._text(token, "")

    def _group(self, token: _Token, depth: int) -> Node | None:
        node = self.all_of(depth + 1)
        if self._next() == ")":
            self.take()
        else:
            self._problem(token, "this parenthesis is not closed")
        if node is None:
            self._problem(token, "there is nothing between these parentheses")
        return node

    def _field(self, token: _Token, depth: int) -> Node | None:
        kind = self._next()
        if kind == "(":
            if token.text in DATE_FIELDS:
                return self._dates(token)
            node = self._group(self.take(), depth)
            return _under(node, token.text) if node is not None else None
        if kind in {"", ")", "field"}:
            self._problem(token, f"{token.text}: needs a word after it")
            return None
        value = self.take()
        if token.text in TEXT_FIELDS:
            return self._text(value, token.text)
        words = value.text
        if token.text in DATE_FIELDS:
            words = self._date(value)
            if not self._is_date(words):
                self._problem(value, f"{words!r} is no day or time of year that could be read")
                return None
        words = words.strip()
        if not words:
            self._problem(token, f"{token.text}: needs a word after it")
            return None
        return Field("during" if token.text in {"date", "on"} else token.text, words)

    def _dates(self, token: _Token) -> Node | None:
        """``during:("last spring" OR 2025-03)``: days as they were typed, between parentheses."""
        opened, runs = self.take(), [list[str]()]
        while self._next() not in {"", ")"}:
            inner = self.take()
            if inner.kind == "or":
                runs.append([])
            elif inner.kind in {"word", "quote"}:
                runs[-1].append(inner.text)
            else:
                self._problem(inner, f"only days and OR can stand in {token.text}:( )")
        if self._next() == ")":
            self.take()
        else:
            self._problem(opened, "this parenthesis is not closed")
        found = (self._day(" ".join(run), token) for run in runs)
        kept = tuple(day for day in found if day is not None)
        return Or(kept) if len(kept) > 1 else kept[0] if kept else None

    def _day(self, words: str, token: _Token) -> Node | None:
        if not self._is_date(words):
            self._problem(token, f"{words!r} is no day or time of year that could be read")
            return None
        return Field("during" if token.text in {"date", "on"} else token.text, words)

    def _date(self, value: _Token) -> str:
        """A day of several words: as many of those that follow as still make a date."""
        if value.kind == "quote":
            return value.text
        best, taken, words = value.text, 0, value.text
        for ahead, token in enumerate(self._tokens[self._at : self._at + _DATE_WORDS], 1):
            if token.kind != "word":
                break
            words = f"{words} {token.text}"
            if self._is_date(words):
                best, taken = words, ahead
        self._at += taken
        return best

    def _text(self, token: _Token, field: str) -> Node | None:
        exact, raw, fuzzy = token.kind == "quote", token.text, 0
        found = re.search(r"~(\d?)\Z", raw) if not exact else None
        if found:
            raw = raw[: found.start()]
            fuzzy = min(int(found[1]) if found[1] else 1 + (len(raw) > 7), 2)
        marked = re.sub(r"(?<=[^\W_])\*(?=\s|\Z)", PREFIX_MARK, fold(raw))
        words = tuple(tokens(marked))
        if not exact and "*" in marked.replace(PREFIX_MARK, ""):
            self._problem(token, "a star goes at the end of a word, after its first letters")
        if not words:
            self._problem(token, f"there is no word in {token.text!r}")
            return None
        text = Text(words, exact, 0 if exact or len(words) > 1 else fuzzy, field)
        if "@" in raw and not exact and not field and _plain(raw):
            # Addresses are no words of the index: "dana@school.example" is looked up as well.
            return Or((text, Field("with", raw)))
        return text


def _under(node: Node, field: str) -> Node:
    """``from:(dana OR lee)``: the field for every word between the parentheses."""
    match node:
        case And(nodes) | Or(nodes):
            return type(node)(tuple(_under(inner, field) for inner in nodes))
        case Not(inner):
            return Not(_under(inner, field))
        case Text() if field in TEXT_FIELDS:
            return replace(node, field=field)
        case Text(words):
            return Field(field, " ".join(words).replace(PREFIX_MARK, "*"))
        case _:
            return node
