"""Pure: the names of features in words that a person understands."""

from __future__ import annotations

_WRITERS = {
    "school": "the school",
    "parent": "the parent",
    "provider": "a private provider",
    "privileged": "the advocate or attorney",
    "other": "somebody else",
}
_PLACES = {"body": "the message itself", "ics": "a calendar invitation", "txt": "an attachment"}
_TRAITS = {
    "row": "it is a row of a table",
    "dated": "it names a day",
    "opening": "it is one of the first two sentences",
    "question": "it is a question",
    "modal": "it says if, would, could or the like",
    "negation": "it denies something",
    "short": "it is short",
    "long": "it is long",
}
_GENERAL = {
    "childname": "(the child’s name)",
    "personname": "(a name)",
    "#day": "(a day of the week)",
    "#month": "(a month)",
    "#date": "(a date)",
    "#time": "(a time of day)",
    "#": "(a number)",
}


def plain_words(feature: str) -> str:
    """A feature of ``features.py`` in words: role=school is “the school wrote it”."""
    if feature.startswith("is="):
        trait, _, role = feature.removeprefix("is=").partition(" role=")
        said = _TRAITS.get(trait, trait)
        return f"{said}, and {_writer(role)} wrote it" if role else said
    if feature.startswith("role="):
        role, _, place = feature.removeprefix("role=").partition(" place=")
        where = f", in {_place(place)}" if place else ""
        return f"{_writer(role)} wrote it{where}"
    if feature.startswith("place="):
        return f"it stands in {_place(feature.removeprefix('place='))}"
    if feature == "service":
        return "it names a service"
    if feature.startswith("service="):
        return f"it names the service {feature.removeprefix('service=').replace('_', ' ')}"
    if feature.startswith("outright="):
        return f"it says so outright ({feature.removeprefix('outright=').replace('_', ' ')})"
    if feature.startswith("reason="):
        reason = feature.removeprefix("reason=").replace("_", " ")
        return f"it names a service, and the reason reads as: {reason}"
    if feature == "dated service negated":
        return "it names a day and a service, and denies something"
    if feature.startswith("<"):
        return f"the sentence before has {_quoted(feature[1:])}"
    if feature.startswith("h:"):
        return f"the subject or file name has {_quoted(feature[2:])}"
    role, colon, word = feature.partition(":")
    if colon and role in _WRITERS:
        return f"{_quoted(word)}, written by {_writer(role)}"
    return _quoted(feature)


def _writer(role: str) -> str:
    return _WRITERS.get(role, role)


def _place(place: str) -> str:
    return _PLACES.get(place, f"an attachment ({place})")


def _quoted(words: str) -> str:
    return "“" + " ".join(_GENERAL.get(word, word) for word in words.split()) + "”"
