"""The linear reader's lessons: one logistic regression a kind over features of sentences."""

from __future__ import annotations

import collections
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from archiver.model import Role
from benchmarks.events.lessons import KINDS, read_phrases
from benchmarks.events.mailboxes import Box
from indexers.dates import find_dates
from indexers.model import EventKind, Family
from indexers.rules.features import Surroundings, features

SCALE = 1000
_DAY = date(2025, 1, 15)  # of the phrases
_PLAIN = 5  # times that a plain phrase counts
_STRENGTH = 0.3
_SMALLEST = 25  # of a thousand: smaller weights are left out
_TELLS, _TOLD_ELSEWHERE = 4.0, 0.25


@dataclass(frozen=True, slots=True)
class Sample:
    """A sentence's features and what it tells."""

    box: str
    features: frozenset[str]
    kinds: frozenset[EventKind]
    told: frozenset[EventKind]


def samples(box: Box) -> Iterator[Sample]:
    """Every sentence of a mailbox."""
    for labelled in box.labelled.values():
        for one in labelled:
            found = features(one.sentence.run.text, one.sentence.around, box.family)
            yield Sample(box.name, frozenset(found), one.kinds, one.told)


def samples_of_phrases(folder: Path) -> Iterator[Sample]:
    """Every sentence of the phrases that were written for training; the plain ones count more.

    The labelled mailboxes hide what they tell, on purpose; many letters do not.
    """
    phrases = [
        one for one in read_phrases(folder) for _ in range(_PLAIN if one.file == "plain" else 1)
    ]
    for one in phrases:
        texts = [text for text, _ in one.said]
        told = frozenset(kind for _, kinds in one.said for kind in kinds)
        for number, (text, kinds) in enumerate(one.said):
            row = "|" in text
            around = Surroundings(
                Role(one.role),
                one.place,
                one.subject,
                "" if row or not number else texts[number - 1],
                "" if row or number + 1 == len(texts) else texts[number + 1],
                row,
                bool(find_dates(text, _DAY)),
                number < 2,
            )
            found = features(text, around, Family(()))
            yield Sample(f"phrases {one.file}", frozenset(found), kinds, told)


def learn(given: Sequence[Sample]) -> dict[str, object]:
    """The content of weights.json.

    Only features seen in two mailboxes count: what a single family says is its own, and no
    invented name gets into the weights. There is no chance in it.
    """
    from sklearn.feature_extraction import DictVectorizer  # noqa: PLC0415
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415

    homes = collections.defaultdict(set)
    for sample in given:
        for feature in sample.features:
            homes[feature].add(sample.box)
    kept = {feature for feature, where in homes.items() if len(where) > 1}
    vectorizer = DictVectorizer()
    matrix = vectorizer.fit_transform([dict.fromkeys(s.features & kept, 1.0) for s in given])
    matrix.indices, matrix.indptr = matrix.indices.astype("int32"), matrix.indptr.astype("int32")
    names = vectorizer.get_feature_names_out()
    rows: dict[str, list[int]] = {}
    bias = []
    for number, kind in enumerate(KINDS):
        labels = np.array([kind in sample.kinds for sample in given])
        told = np.array([kind in sample.told for sample in given])
        weights = np.where(labels, _TELLS, np.where(told, _TOLD_ELSEWHERE, 1.0))
        model = LogisticRegression(C=_STRENGTH, solver="liblinear")
        model.fit(matrix, labels, sample_weight=weights)
        bias.append(round(float(model.intercept_[0]), 4))
        for name, weight in zip(names, model.coef_[0], strict=True):
            scaled = round(float(weight) * SCALE)
            if abs(scaled) >= _SMALLEST:
                rows.setdefault(str(name), [0] * len(KINDS))[number] = scaled
    return {"kinds": KINDS, "scale": SCALE, "bias": bias, "weights": dict(sorted(rows.items())),
            "version": "3"}  # fmt: skip
