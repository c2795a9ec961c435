"""The names in a configured provider by which people speak of a service."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexers.model import Family, Service
from indexers.rules.providers import (
    called_in,
    provider_given_names,
    provider_names,
    provider_nicknames,
)
from indexers.rules.services import find_services


@pytest.mark.parametrize(
    ("provider", "surnames"),
    [
        ("Dana Ortiz", ("Ortiz",)),
        ("Ms. Tally", ("Tally",)),
        ("Nell Ware RN, midday check", ("Ware",)),
        ("Dana Ortiz to 2025-01-17, Priya Raman (from 2025-03-25)", ("Ortiz", "Raman")),
        ("Marlon Oakes (Fridays 10:15; B-week Wednesday)", ("Oakes",)),
        ("Ines Hale (Learning Lab)", ("Hale",)),  # nobody is called Lab
        ("Zeller Bus", ()),
        ("DANA ORTIZ", ("ORTIZ",)),
        ("Ms. ORTIZ", ("ORTIZ",)),
        ("JP Ortiz", ("Ortiz",)),
        ("Junie Marsh O&M", ("Marsh",)),
        ("", ()),
    ],
)
def test_people_in_a_provider_are_known_by_their_surnames(
    provider: str, surnames: tuple[str, ...]
) -> None:
    assert tuple(provider_names(provider)) == surnames


@pytest.mark.parametrize(
    ("provider", "text"),
    [
        ("Dana Ortiz (the Caboose)", "No caboose again today."),
        ("Ines Hale (Learning Lab)", "lab was dark on Tuesday"),
        ("14B, Tuesdays (Okafor-Lisk, then Tran-Doyle)", "she sat outside 14b"),
        ("Hank Pell, note-taker", "they borrowed hank on Monday"),
        ("Nell Ware RN, midday check", "The midday check took place."),
    ],
)
def test_rooms_and_hours_and_first_names_stand_for_it_too(provider: str, text: str) -> None:
    assert called_in(text, provider)


def test_trades_days_and_parts_of_words_do_not() -> None:
    assert provider_nicknames("RN, Tuesdays") == ()
    assert not called_in("The labels fell off.", "Ines Hale (Learning Lab)")
    assert not called_in("Whatever it is.", "")
    assert not called_in("I will make it up in may.", "Will Park, then May Chen")
    assert provider_nicknames("vacant (not yet hired), Mon/Wed") == ()


def test_a_surname_is_not_found_inside_a_word() -> None:
    family = Family(("Maya",), (Service("ot", 30, 1, "week", None, None, "Paul Bell"),))

    assert find_services("Ms. Bell came.", family) == ["ot"]
    assert find_services("The Bellweather line is closed.", family) == []


@given(st.text(max_size=120), st.text(max_size=120))
def test_any_provider_and_any_text_are_read_without_an_error(provider: str, text: str) -> None:
    names = [*provider_names(provider), *provider_given_names(provider)]

    assert all(name in provider for name in names)
    assert called_in(text, provider) in {True, False}
    for name in provider_nicknames(provider):
        assert called_in(f"today {name} was out", provider)
