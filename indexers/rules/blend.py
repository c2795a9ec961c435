"""Pure: what two readers make of a sentence, as one probability.

The linear classifier and the encoder err in different places; their log-odds are weighed and added,
one set of weights a kind. The weights are fitted on families that neither reader had seen, so that
the outcome is a probability to be taken at its word: of the messages said to tell something with
0.7, some seven in ten do. benchmarks/events prints how true that is.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from indexers.model import EventKind
from indexers.rules.shipped import shipped


@dataclass(frozen=True, slots=True)
class Weighing:
    """Of one kind: how much each reader's log-odds count, and what is added."""

    linear: float
    encoder: float
    bias: float


@dataclass(frozen=True, slots=True)
class Blend:
    """A weighing for each kind, with the encoder and, where it cannot run, without."""

    both: Mapping[EventKind, Weighing]
    alone: Mapping[EventKind, Weighing]
    version: str

    def probability(self, kind: EventKind, linear: float, encoder: float | None) -> float:
        """How likely a sentence tells of a kind, from the log-odds of its readers; 0 to 1."""
        by = self.alone[kind] if encoder is None else self.both[kind]
        odds = by.linear * linear + by.encoder * (encoder or 0.0) + by.bias
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, odds))))


@lru_cache(maxsize=1)
def load_blend() -> Blend:
    """The weights that ship with the package."""
    fields = json.loads(shipped("blend.json"))
    return blend_from(fields)


def blend_from(fields: Mapping[str, Mapping[str, list[float]]]) -> Blend:
    """A blend from the content of blend.json."""

    def weighings(name: str) -> dict[EventKind, Weighing]:
        return {EventKind(kind): Weighing(*values) for kind, values in fields[name].items()}

    return Blend(weighings("both"), weighings("alone"), str(fields["version"]))
