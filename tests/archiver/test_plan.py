"""Listed against held."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from archiver.correspondence import Listed
from archiver.model import Place
from archiver.plan import (
    BATCH_BYTES,
    BATCH_MESSAGES,
    BIG,
    batches,
    choose_folders,
    plan_folder,
)
from archiver.source import Folder

uids = st.sets(st.integers(1, 30))


@given(uids, st.dictionaries(st.integers(1, 30), st.booleans()), uids)
def test_every_listed_message_is_new_held_or_passed_over(
    listed: set[int], held: dict[int, bool], passed: set[int]
) -> None:
    """State is a set, never a high-water mark: nothing can fall between."""
    plan = plan_folder(listed, held, passed)

    assert set(plan.new) | (listed & held.keys()) | (listed & passed) == listed
    assert set(plan.new).isdisjoint(held.keys() | passed)
    assert set(plan.vanished) == {u for u in held if not held[u]} - listed
    assert set(plan.returned) == {u for u in held if held[u]} & listed


@given(st.lists(st.integers(0, 3 * BIG), max_size=60))
def test_batches_hold_every_message_once_and_fit_into_memory(sizes: list[int]) -> None:
    messages = [
        Listed(Place("a", "f", 1, uid), size, None, (), None, False)
        for uid, size in enumerate(sizes)
    ]

    cut = list(batches(messages))

    assert sorted(m.place.uid for batch in cut for m in batch) == list(range(len(sizes)))
    for batch in cut:
        assert len(batch) == 1 or sum(m.size for m in batch) <= BATCH_BYTES
        assert len(batch) <= BATCH_MESSAGES
        assert len(batch) == 1 or all(m.size < BIG for m in batch)


def folder(name: str, *uses: str) -> Folder:
    return Folder(name, frozenset(uses))


def names(*args: object) -> list[str]:
    return [f.name for f in choose_folders(*args).chosen]  # type: ignore[arg-type]


def test_trash_is_left_out_by_name_and_in_any_language_by_its_mark() -> None:
    folders = [folder("INBOX"), folder("[Mail]/Trash"), folder("Papelera", "\\trash")]

    assert names(folders, (), ("Trash",)) == ["INBOX"]


def test_gmail_s_all_mail_is_preferred_because_it_has_every_label_once() -> None:
    folders = [folder("INBOX"), folder("[Gmail]/All Mail", "\\all"), folder("School")]

    assert names(folders, (), ()) == ["[Gmail]/All Mail"]


def test_a_configured_folder_that_is_not_there_is_named_with_the_nearest() -> None:
    choice = choose_folders([folder("INBOX"), folder("Schule")], ("inbox", "Schulen"), ())

    assert [f.name for f in choice.chosen] == ["INBOX"]
    assert choice.absent == (("Schulen", "Schule"),)
