"""Tables of how good the reading of families never seen is."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from benchmarks.events.lessons import KINDS
from benchmarks.events.mailboxes import Box
from benchmarks.events.weighing import Reading, Told, cross_weighed, scores
from indexers.model import LIKELY
from indexers.rules.learned import FAINT

GROUPS = {
    "proposals and refusals": {"proposal", "refusal"},
    "objections": {"objection"},
    "missed services": {"missed_service"},
    "all": {kind.value for kind in KINDS},
}


def print_report(rows: Sequence[Reading], boxes: Sequence[Box]) -> None:
    """What messages tell (message, kind), each family read by what has never seen it."""
    truth = set().union(*(box.told() for box in boxes))
    found = cross_weighed(rows, boxes)
    print_said(truth, found, [box.name for box in boxes])
    print("\nwithout the encoder")
    _by_group(truth, cross_weighed(rows, boxes, both=False))
    print_reliability(truth, found)


def print_said(truth: set, found: Told, names: Sequence[str]) -> None:
    """By kind, by group and by family: of likely suggestions; recall also of all."""
    print(f"{'families held out, said':26}{'P':>6}{'R':>6}{'F1':>6}{'R of all':>10}{'true':>6}")
    for kind in KINDS:
        _line(kind.value, {kind.value}, truth, found)
    _by_group(truth, found)
    print("by family: all kinds")
    for name in names:
        _line(f"  {name}", GROUPS["all"], *(_of_box(name, of) for of in (truth, found)))


def print_reliability(truth: set, found: Told) -> None:
    """How often suggestions of each confidence are right."""
    print("\nconfidence   suggestions   right")
    edges = [FAINT, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.01]
    for low, high in pairwise(edges):
        these = [spot for spot, value in found.items() if low <= value < high]
        right = sum(spot in truth for spot in these)
        print(f"{low:.2f}-{min(high, 1):.2f}{len(these):12}{right / (len(these) or 1):11.2f}")


def _by_group(truth: set, found: Told) -> None:
    for name, kinds in GROUPS.items():
        _line(name, kinds, truth, found)


def _line(name: str, kinds: set[str], truth: set, found: Told) -> None:
    true = {spot for spot in truth if spot[2] in kinds}
    shown = {s for s, value in found.items() if value >= LIKELY and s[2] in kinds}
    every = {s for s, value in found.items() if value >= FAINT and s[2] in kinds}
    p, r, f = scores(true, shown)
    print(f"{name:26}{p:6.2f}{r:6.2f}{f:6.2f}{scores(true, every)[1]:10.2f}{len(true):6}")


def _of_box(name: str, of):
    if isinstance(of, dict):
        return {spot: value for spot, value in of.items() if spot[0] == name}
    return {spot for spot in of if spot[0] == name}
