"""Pure: the names in a configured provider by which people speak of a service.

``[[service]] provider`` is free text: "Dana Ortiz (the Word Gym)", "14B, Tuesdays (Okafor, then
Tran)", "Beacon Hearth LPN until 2025-09-12". It holds people, firms, and what a room or an hour is
called.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

_PARTS = re.compile(r"[;:,/()]|\b(?:later|then|to|from|and|until|since|vacant)\b|\d{4}-\d\d-\d\d")
_TITLE = re.compile(r"(?:Ms|Mr|Mrs|Dr|Miss|Mx|Sra?|Coach)\b")
_ARTICLE = re.compile(r"\A(?:the|a|an|in|at|on|by|with|our)\s+", re.I)
_NO_NAME = re.compile(
    r"(?:mon|tues|wednes|thurs|fri|satur|sun)days?|mon|tues?|wed|thurs?|th|fri|\d+|daily|weekly"
    r"|shared|others?|services?|school|program|class|video|sub(?:stitute)?s?|agency|office|county"
    r"|district|morning|afternoon|vacant|pending|(?:un)?assigned|posted|open|position|home|parent|see|iep|tb[ad]|hired?|hiring|not|yet|be|unknown|none|nobody"
    r"|teacher|therapist|specialist|counselor|aide|nurse|new",
    re.I,
)
# "Learning Lab", "Lunch Crew" are no people; the last word alone is what they are called too.
_PLACE = re.compile(
    r"lab|gym|club|crew|studio|nook|cent(?:er|re)|den|hub|corner|bunch|squad|attic|lounge", re.I
)
_THING = re.compile(
    r"room|bus|van|line|unit|system|group|team|transit|livery|transport\w*|captioning|staffing"
    r"|health|lift|monitor",
    re.I,
)
# First names that are words: a note without capitals may mean either.
_WORDS_TOO = re.compile(
    r"will|may|mark|grace|hope|joy|faith|bill|art|rose|dawn|frank|sunny|pat|gene|guy|jack|rob|sue"
    r"|penny|drew|chase|chance|page|summer|autumn|june|april|august|major|dean|ray|bud|buddy|bob"
    r"|dot|ivy|olive|ginger|sandy|rusty|misty|heath|glen|cliff|brook|lane|wren|star|sky|jewel|ruby"
    r"|pearl|amber|crystal|destiny|harmony|melody|carol|reed|clay|stone|rock|earl|duke|prince|wade"
    r"|skip|trip|chip|buck|kit|angel|baron|bishop|miles|victor|see|so|an|in|on|do"
)
_DAY = re.compile(r"(?:mon|tues|wednes|thurs|fri|satur|sun)days?", re.I)
_LONGEST = 300  # characters of a provider that are read
_WORDS = 3  # of a phrase that people would say
_ACRONYM = 4  # letters: "RN", "TVI", "CART" are trades
_SHORT = 3


@lru_cache(maxsize=256)
def provider_names(provider: str) -> Sequence[str]:
    """Names in a configured provider that stand for the person by themselves: surnames."""
    return tuple(dict.fromkeys(person[-1] for person in _people(provider)))


@lru_cache(maxsize=256)
def provider_given_names(provider: str) -> Sequence[str]:
    """First names in a configured provider: colleagues use them."""
    found = (person[0] for person in _people(provider) if len(person) > 1)
    return tuple(dict.fromkeys(name for name in found if len(name) > 2))


@lru_cache(maxsize=256)
def provider_offices(provider: str) -> Sequence[str]:
    """What a configured company or office is called by: its first two words."""
    named = (re.findall(r"[A-Z][\w'’-]+", part) for part in _PARTS.split(provider[:_LONGEST]))
    return tuple(f"{w[0]} {w[1]}" for w in named if len(w) > 2)


@lru_cache(maxsize=256)
def provider_nicknames(provider: str) -> Sequence[str]:
    """What else in a configured provider may stand for the service, in small letters.

    "the Caboose", "14B", "midday check", a surname alone; first names too, as notes write them,
    but those that are words ("will").
    """
    given = (name.lower() for name in provider_given_names(provider))
    named = (name for name in given if not _is_word(name))
    return tuple(dict.fromkeys([*provider_phrases(provider), *named]))


@lru_cache(maxsize=256)
def provider_phrases(provider: str) -> Sequence[str]:
    """As ``provider_nicknames``, without first names."""
    return tuple(dict.fromkeys(_phrases(provider)))


def find_name(name: str, text: str) -> int | None:
    """Where a surname first stands in a text by itself; one that is a word, behind a title."""
    title = r"\b(?:ms|mr|mrs|dr|miss|mx|sra?|coach|nurse)\.?\s+" if _is_word(name) else r"\b"
    found = re.search(rf"(?i:{title}){re.escape(name)}\b", text)
    return found.end() - len(name) if found else None


def _is_word(name: str) -> bool:
    return _WORDS_TOO.fullmatch(name.lower()) is not None


def called_in(text: str, provider: str) -> bool:
    """Whether a text names a service by a nickname of its provider."""
    pattern = _nickname_pattern(provider)
    return pattern is not None and pattern.search(text) is not None


@lru_cache(maxsize=256)
def _nickname_pattern(provider: str) -> re.Pattern[str] | None:
    names = provider_nicknames(provider)
    if not names:
        return None
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, names))})(?!\w)", re.I)


def _phrases(provider: str) -> Iterator[str]:
    for part in _PARTS.split(provider[:_LONGEST]):
        words = _ARTICLE.sub("", part.strip().strip(".")).split()
        words = [word for word in words if not _NO_NAME.fullmatch(word)]
        if not 0 < len(words) <= _WORDS:
            continue
        phrase = " ".join(words)
        trade = phrase.isupper() and phrase.isalpha() and len(phrase) <= _ACRONYM
        if len(phrase) < _SHORT or trade or _TITLE.match(phrase) or _THING.fullmatch(phrase):
            continue
        yield phrase.lower()
        if len(words) > 1 and _PLACE.fullmatch(words[-1]):
            yield words[-1].lower()


def _people(provider: str) -> list[list[str]]:
    people = []
    for part in _PARTS.split(provider[:_LONGEST]):
        words = re.findall(r"[A-Z][\w'’-]*\.?", part)
        titled = bool(words) and _TITLE.match(words[0])
        words = [w.rstrip(".") for w in words[1 if titled else 0 :] if not _DAY.fullmatch(w)]
        while len(words) > 2 and words[-1].isupper():  # "RN", "TVI", "O&M"
            words.pop()
        if words and (_PLACE.fullmatch(words[-1]) or _THING.fullmatch(words[-1])):
            continue
        if (titled and words) or len(words) == 2:
            people.append(words)
    return [words for words in people if len(words[-1]) > 2]
