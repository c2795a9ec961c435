"""The rule that asks the two readers that have learned from labelled mailboxes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from archiver.model import Role
from indexers.model import EventKind, Family, Reading
from indexers.rules.blend import Blend
from indexers.rules.classifier import Classifier
from indexers.rules.contract import Claim, Reason, Sentence
from indexers.rules.encoder import Encoder
from indexers.rules.features import features
from indexers.rules.plain_words import plain_words
from indexers.rules.windows import Window, windows

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
_TELLING, _AGAINST = 8, 2  # reasons that are told
_SLIGHT = 0.05  # log-odds; what weighs less is no reason
# Signed forms and letters come attached to other people's mail: the form's own words count.
_FORMS = frozenset({EventKind.CONSENT, EventKind.OBJECTION, EventKind.REQUEST})
# A window that says so little to the classifier, of any kind, is not read: of 2,122 events found in
# families never seen it would have cost two, and as many false ones.
_DULL = -2.75  # log-odds
_MOST = 48  # windows of a message that are read; the rest is judged by the classifier alone

Odds = dict[EventKind, float]  # log-odds: 0 is as likely as not

FAINT = 0.05  # below it a claim is not made


class Learned:
    """Claims of every sentence that may tell something; most are not likely."""

    def __init__(self, classifier: Classifier, encoder: Encoder | None, blend: Blend) -> None:
        self._classifier = classifier
        self._encoder = encoder
        self._blend = blend

    def claims(
        self, reading: Reading, sentences: Sequence[Sentence], family: Family
    ) -> Iterator[Claim]:
        """One claim for each sentence and kind that is more than faintly likely."""
        judged = self.odds(reading, sentences, family)
        for sentence, (linear, encoder) in zip(sentences, judged, strict=True):
            for kind, odds in linear.items():
                if not may_say(kind, sentence):
                    continue
                likely = self._blend.probability(kind, odds, encoder[kind] if encoder else None)
                if likely >= FAINT:
                    read = f", in its surroundings {encoder[kind]:+.1f}" if encoder else ""
                    rule = f"learned: {kind} {likely:.2f} (words {odds:+.1f}{read})"
                    yield Claim(kind, sentence, likely, rule)

    def odds(
        self, reading: Reading, sentences: Sequence[Sentence], family: Family
    ) -> list[tuple[Odds, Odds | None]]:
        """Of each sentence the classifier's log-odds, and the encoder's where it was asked."""
        linear = [
            self._classifier.log_odds(features(s.run.text, s.around, family)) for s in sentences
        ]
        encoded: list[Odds | None] = [None] * len(sentences)
        if self._encoder is None:
            return list(zip(linear, encoded, strict=True))
        for window in _worth_reading(
            list(windows(reading, sentences, family, self._encoder.words)), linear
        ):
            for segment, scores in zip(window.segments, self._encoder.scores(window), strict=True):
                encoded[segment.sentence] = dict(zip(self._encoder.kinds, scores, strict=True))
        return list(zip(linear, encoded, strict=True))

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


def _worth_reading(every: Sequence[Window], linear: Sequence[Odds]) -> Sequence[Window]:
    """Those that may tell something, the most telling of very many; in their order."""
    best = {
        number: max(max(linear[s.sentence].values()) for s in window.segments)
        for number, window in enumerate(every)
    }
    telling = sorted((n for n in best if best[n] >= _DULL), key=lambda n: (-best[n], n))
    return [every[number] for number in sorted(telling[:_MOST])]


def may_say(kind: EventKind, sentence: Sentence) -> bool:
    """Whether the author of a sentence can say such a thing at all."""
    speakers = _SPEAKERS.get(kind)
    if speakers is None or sentence.around.author in speakers:
        return True
    return sentence.part != "body" and kind in _FORMS
