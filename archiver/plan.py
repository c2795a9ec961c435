"""Pure: which folders to look at, and listed against held."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from archiver.correspondence import Listed
from archiver.source import Folder

BATCH_BYTES = 16 << 20
BATCH_MESSAGES = 250
BIG = 4 << 20  # bytes; a message of this size is fetched by itself, in pieces

_USE_OF_NAME = {
    "trash": "\\trash",
    "spam": "\\junk",
    "junk": "\\junk",
    "drafts": "\\drafts",
}


@dataclass(frozen=True, slots=True)
class FolderChoice:
    """Which of a server's folders to look at."""

    chosen: tuple[Folder, ...]
    absent: tuple[tuple[str, str], ...]  # configured but not there, with the nearest name or ""


def choose_folders(
    folders: Sequence[Folder], wanted: Collection[str], excluded: Collection[str]
) -> FolderChoice:
    """Choose by the configuration.

    Args:
        folders: what the server has.
        wanted: names as configured; none: every folder, or Gmail's All Mail, which has them all.
        excluded: names, of a whole path or of its last part, in any case. Trash, Spam, Junk and
            Drafts also stand for the folders that the server marks so in any language (RFC 6154).
    """
    if wanted:
        by_name = {_fold(folder.name): folder for folder in folders}
        chosen = [by_name[_fold(name)] for name in dict.fromkeys(wanted) if _fold(name) in by_name]
        absent = [(name, _nearest(name, folders)) for name in wanted if _fold(name) not in by_name]
        return FolderChoice(tuple(chosen), tuple(absent))
    names = {_fold(name) for name in excluded}
    uses = {_USE_OF_NAME[name] for name in names if name in _USE_OF_NAME}
    open_to_us = [f for f in folders if not (_names(f) & names) and not (f.uses & uses)]
    everything = [f for f in open_to_us if "\\all" in f.uses]
    return FolderChoice(tuple(everything or open_to_us), ())


def is_whole(folder: str, whole: Iterable[str]) -> bool:
    """Whether a folder is one that the configuration keeps whole."""
    return _fold(folder) in {_fold(name) for name in whole}


@dataclass(frozen=True, slots=True)
class FolderPlan:
    """What one look at a folder calls for. UIDs ascending."""

    new: tuple[int, ...]  # listed, neither held nor passed over
    vanished: tuple[int, ...]  # held and not known as missing, but no longer listed
    returned: tuple[int, ...]  # held and known as missing, but listed


def plan_folder(
    listed: Collection[int], held: Mapping[int, bool], passed: Collection[int]
) -> FolderPlan:
    """Compare what the server lists with what is held (and whether it is known as missing)."""
    there = set(listed)
    return FolderPlan(
        new=tuple(sorted(there - held.keys() - set(passed))),
        vanished=tuple(sorted(u for u, missing in held.items() if not missing and u not in there)),
        returned=tuple(sorted(u for u, missing in held.items() if missing and u in there)),
    )


def batches(messages: Iterable[Listed]) -> Iterator[list[Listed]]:
    """Cut messages into batches that fit into memory; a big one is a batch of its own."""
    batch: list[Listed] = []
    total = 0
    for message in messages:
        if message.size >= BIG:
            yield [message]
            continue
        if batch and (total + message.size > BATCH_BYTES or len(batch) >= BATCH_MESSAGES):
            yield batch
            batch, total = [], 0
        batch.append(message)
        total += message.size
    if batch:
        yield batch


def _fold(name: str) -> str:
    return name.strip().casefold()


def _names(folder: Folder) -> set[str]:
    whole = _fold(folder.name)
    return {whole, *(whole.rsplit(delimiter, 1)[-1] for delimiter in "/.\\")}


def _nearest(name: str, folders: Sequence[Folder]) -> str:
    near = difflib.get_close_matches(name, [folder.name for folder in folders], 1)
    return near[0] if near else ""
