"""What a sentence says, by a linear classifier: one logistic regression a kind of event.

The weights lie in weights.json, made by benchmarks/events/train.py from labelled mailboxes of
invented families. Nothing is needed at run time but a sum of numbers.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from indexers.model import EventKind
from indexers.rules.shipped import shipped


@dataclass(frozen=True, slots=True)
class Classifier:
    """Weights by feature, one for each kind."""

    kinds: tuple[EventKind, ...]
    bias: tuple[float, ...]
    weights: Mapping[str, tuple[float, ...]]
    version: str

    def log_odds(self, features: Iterable[str]) -> dict[EventKind, float]:
        """How likely each kind is, by the classifier's own lights: 0 is as likely as not."""
        sums = list(self.bias)
        for feature in set(features):
            weights = self.weights.get(feature)
            if weights is not None:
                for number, weight in enumerate(weights):
                    sums[number] += weight
        return dict(zip(self.kinds, sums, strict=True))

    def contributions(self, features: Iterable[str], kind: EventKind) -> dict[str, float]:
        """What each feature adds to the sum for a kind, in log-odds; those that add nothing not."""
        place = self.kinds.index(kind)
        weights = {feature: self.weights[feature][place] for feature in set(features)
                   if feature in self.weights}  # fmt: skip
        return {feature: weight for feature, weight in weights.items() if weight}


@lru_cache(maxsize=1)
def load_classifier() -> Classifier:
    """The classifier that ships with the package."""
    fields = json.loads(shipped("weights.json"))
    return classifier_from(fields)


def classifier_from(fields: Mapping[str, object]) -> Classifier:
    """A classifier from the content of weights.json."""
    kinds = tuple(EventKind(kind) for kind in _list(fields["kinds"]))
    scale = float(str(fields["scale"]))
    weights = fields["weights"]
    assert isinstance(weights, dict)
    return Classifier(
        kinds,
        tuple(float(b) for b in _list(fields["bias"])),
        {feature: tuple(w / scale for w in row) for feature, row in weights.items()},
        str(fields["version"]),
    )


def _list(value: object) -> list[str]:
    assert isinstance(value, list)
    return value
