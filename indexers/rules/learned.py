"""The rule that asks the classifier."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from archiver.model import Role
from indexers.model import EventKind, Family, Reading
from indexers.rules.classifier import Classifier
from indexers.rules.contract import Claim, Reason, Sentence
from indexers.rules.features import features
from indexers.rules.plain_words import plain_words

# Who can say it at all (docs/events.md): a parent does not refuse on the school's behalf.
_SCHOOL = frozenset({Role.SCHOOL, Role.OTHER, Role.PROVIDER})
_FAMILY = frozenset({Role.PARENT, Role.PRIVILEGED})
_SPEAKERS = {
    EventKind.PROPOSAL: _SCHOOL,
    EventKind.REFUSAL: _SCHOOL,
    EventKind.OBJECTION: _FAMILY,
    EventKind.REQUEST: _FAMILY,
    EventKind.CONSENT: _FAMILY,
}
# Signed forms and letters come attached to other people's mail: the form's own words count.
_TELLING, _AGAINST = 8, 2  # reasons that are told
_SLIGHT = 0.05  # log-odds; what weighs less is no reason
_FORMS = frozenset({EventKind.CONSENT, EventKind.OBJECTION, EventKind.REQUEST})


class Learned:
    """Claims of every sentence that is likely enough."""

    def __init__(self, classifier: Classifier) -> None:
        self._classifier = classifier

    def claims(
        self, reading: Reading, sentences: Iterable[Sentence], family: Family
    ) -> Iterator[Claim]:
        """One claim for each sentence and kind over its threshold."""
        enough = self._classifier.enough
        for sentence in sentences:
            found = features(sentence.run.text, sentence.around, family)
            for kind, likely in self._classifier.probabilities(found).items():
                speakers = _SPEAKERS.get(kind)
                attached = sentence.part != "body" and kind in _FORMS
                if speakers is not None and reading.author not in speakers and not attached:
                    continue
                if likely >= enough[kind]:
                    yield Claim(kind, sentence, likely, f"learned: {kind} {likely:.2f}")

    def explain(self, kind: EventKind, sentence: Sentence, family: Family) -> Sequence[Reason]:
        """The features that weighed most, in plain words, then the one that spoke most against."""
        found = features(sentence.run.text, sentence.around, family)
        weights = self._classifier.contributions(found, kind)
        ordered = sorted(weights.items(), key=lambda pair: (-pair[1], pair[0]))
        said: dict[str, float] = {}
        for feature, weight in (*ordered[:_TELLING], *ordered[-_AGAINST:]):
            if abs(weight) >= _SLIGHT:
                said.setdefault(plain_words(feature), weight)
        return [Reason(words, weight) for words, weight in said.items()]
