"""How much each reader counts, fitted on families that neither had seen."""

from __future__ import annotations

import collections
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.events.lessons import KINDS
from benchmarks.events.mailboxes import Box, Labelled
from indexers.model import EventKind
from indexers.rules.blend import Blend, blend_from
from indexers.rules.learned import may_say

_TOLD_ELSEWHERE = 0.15  # weight of a sentence whose message tells the kind in other words


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """A message of a family held out, and what both readers made of its sentences."""

    box: str
    key: str
    labelled: Sequence[Labelled]
    encoder: np.ndarray  # (sentences, kinds), log-odds; NaN where it was not asked
    linear: np.ndarray


Told = dict[tuple[str, str, str], float]  # (mailbox, message, kind) → how likely


def weigh(rows: Sequence[Reading], boxes: Sequence[Box]) -> dict[str, dict[str, list[float]]]:
    """The content of blend.json but for its version: [linear, encoder, bias] a kind.

    First what makes sentences tell, then what share of messages do whose best sentence comes to
    so much: confidence is said of messages.
    """
    truth = set().union(*(box.told() for box in boxes))
    fields: dict[str, dict[str, list[float]]] = {"both": {}, "alone": {}}
    for kind in KINDS:
        for name, both in (("both", True), ("alone", False)):
            fields[name][kind] = _fit(rows, truth, kind, both=both)
    return fields


def _fit(rows: Sequence[Reading], truth: set, kind: EventKind, *, both: bool) -> list[float]:
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415

    number = KINDS.index(kind)
    given, answers, weights, home = [], [], [], []
    for at, row in enumerate(rows):
        for one, encoder, linear in zip(row.labelled, row.encoder, row.linear, strict=True):
            if not may_say(kind, one.sentence) or (both and np.isnan(encoder[number])):
                continue
            given.append([linear[number], encoder[number] if both else 0.0])
            answers.append(kind in one.kinds)
            weights.append(1.0 if kind in one.kinds or kind not in one.told else _TOLD_ELSEWHERE)
            home.append(at)
    x = np.array(given)
    model = LogisticRegression(C=1.0).fit(x, answers, sample_weight=weights)
    sums = model.decision_function(x)
    best = np.full(len(rows), -30.0)
    np.maximum.at(best, home, sums)
    tells = [(row.box, row.key, kind.value) in truth for row in rows]
    by_message = LogisticRegression(C=10.0).fit(best[:, None], tells)
    scale, bias = float(by_message.coef_[0][0]), float(by_message.intercept_[0])
    linear, encoder = (float(w) * scale for w in model.coef_[0])
    total = bias + scale * float(model.intercept_[0])
    return [round(linear, 4), round(encoder, 4), round(total, 4)]


def likely(rows: Sequence[Reading], blend: Blend, *, both: bool = True) -> Told:
    """How likely each message tells each kind: as its best sentence does."""
    found: Told = collections.defaultdict(float)
    for row in rows:
        for one, encoder, linear in zip(row.labelled, row.encoder, row.linear, strict=True):
            for number, kind in enumerate(KINDS):
                if may_say(kind, one.sentence):
                    asked = both and not np.isnan(encoder[number])
                    value = blend.probability(
                        kind, linear[number], encoder[number] if asked else None
                    )
                    spot = (row.box, row.key, kind.value)
                    found[spot] = max(found[spot], value)
    return found


def cross_weighed(rows: Sequence[Reading], boxes: Sequence[Box], *, both: bool = True) -> Told:
    """As ``likely``, each family by weights that were fitted on the others."""
    found: Told = {}
    for box in boxes:
        blend = blend_without(box, rows, boxes)
        found.update(likely([r for r in rows if r.box == box.name], blend, both=both))
    return found


def blend_without(box: Box, rows: Sequence[Reading], boxes: Sequence[Box]) -> Blend:
    """Weights that were fitted on all families but one."""
    others = [row for row in rows if row.box != box.name]
    fields = weigh(others, [other for other in boxes if other is not box])
    return blend_from({"version": "", **fields})  # type: ignore[dict-item]


def scores(true: Collection, found: Collection) -> tuple[float, float, float]:
    """Precision, recall, F1."""
    hit = len(set(true) & set(found))
    precision, recall = hit / (len(found) or 1), hit / (len(true) or 1)
    return precision, recall, 2 * precision * recall / ((precision + recall) or 1)
