"""Learn the weights of indexers/rules/weights.json from labelled mailboxes, and say how good.

usage: python benchmarks/events/train.py [--write] MAILBOX [MAILBOX ...]

A MAILBOX is a folder with mail/FOLDER/ID.eml, family.json, messages.jsonl and truth.jsonl. Needs
scikit-learn beside the project. The figures are of cross-validation by family: each mailbox is
read by a classifier that has never seen it. Without --write nothing is changed. The same input
gives the same weights: there is no chance in it.
"""

from __future__ import annotations

import argparse
import collections
import hashlib
import json
import re
import sys
from pathlib import Path
from zoneinfo import ZoneInfo

from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression

from archiver.model import Role, Standing
from archiver.roles import AddressBook
from indexers.events import find_events, sentences_of
from indexers.extract.worker import ExtractionWorker
from indexers.mime import read_message
from indexers.model import EventKind, Extracted, Family, Reading, Service
from indexers.records import everyone
from indexers.rules.classifier import Classifier, classifier_from
from indexers.rules.features import features

ROOT = Path(__file__).resolve().parents[2]
KINDS = list(EventKind)
SCALE = 1000
GROUPS = {"proposals and refusals": {"proposal", "refusal"}, "objections": {"objection"},
          "missed services": {"missed_service"}}  # fmt: skip


class Box:
    """A labelled mailbox, read."""

    def __init__(self, path: Path, worker: ExtractionWorker) -> None:
        self.name = path.name
        about = json.loads((path / "family.json").read_text("utf-8"))
        services = tuple(
            Service(s["service"], s.get("minutes"), None, "", None, None, s.get("provider") or "")
            for s in about["services"]
        )
        self.family = Family(tuple(about["child"]), services)
        book = AddressBook.of(
            school=[*about["school_domains"], *about.get("school_addresses", [])],
            provider=about.get("private_providers", []),
            parent=about["parents"],
            privileged=about.get("privileged", []),
        )
        zone = ZoneInfo(about["timezone"])
        self.readings: dict[str, Reading] = {}
        for line in (path / "messages.jsonl").read_text("utf-8").splitlines():
            row = json.loads(line)
            if not row["archive"]:
                continue
            raw = (path / "mail" / row["folder"] / f"{row['id']}.eml").read_bytes()
            message = read_message(raw)
            texts = [(p, worker.read(p)) for p in message.attachments]
            roles = {p.address: book.role_of(p.address) for p in everyone(message)}
            self.readings[row["id"]] = Reading(
                message,
                [(p, t) for p, t in texts if isinstance(t, Extracted)],
                message.date.astimezone(zone).date() if message.date else None,  # type: ignore[arg-type]
                roles.get(message.sender.address, Role.OTHER),
                Standing.SCHOOL,
                roles,
            )
        self.readings = {k: r for k, r in self.readings.items() if r.day}
        lines = (path / "truth.jsonl").read_text("utf-8").splitlines()
        self.truth = [row for row in map(json.loads, lines) if row["id"] in self.readings]
        self.samples = list(self._samples())

    def _samples(self):
        quotes = collections.defaultdict(list)
        for row in self.truth:
            words = [re.escape(w) for w in row["quote"].split()]
            pattern = re.compile(r"[\s|]+".join(words))
            quotes[row["id"], row["part"]].append((EventKind(row["kind"]), pattern))
        for key, reading in self.readings.items():
            pages = {("body", None): reading.message.body}
            for part, extracted in reading.texts:
                for page in extracted.pages:
                    pages[part.name, page.number] = page.text
            spots = [
                (part, number, kind, match.span())
                for (part, number), text in pages.items()
                for kind, pattern in quotes.get((key, part), ())
                for match in pattern.finditer(text)
            ]
            for sentence in sentences_of(reading):
                run = sentence.run
                kinds = {
                    kind
                    for part, number, kind, (start, stop) in spots
                    if (part, number) == (sentence.part, sentence.page)
                    and min(stop, run.end) - max(start, run.start)
                    > 0.45 * min(stop - start, run.end - run.start)
                }
                found = set(features(run.text, sentence.around, self.family))
                yield self.name, found, kinds


def learn(samples, enough, strength, minimum):
    """Weights of one logistic regression a kind.

    Only features seen ``minimum`` times and in two mailboxes count: what a single family says is
    its own, and no invented name gets into the weights.
    """
    count = collections.Counter(f for _, found, _ in samples for f in found)
    homes = collections.defaultdict(set)
    for name, found, _ in samples:
        for feature in found:
            homes[feature].add(name)
    kept = {f for f, n in count.items() if n >= minimum and len(homes[f]) > 1}
    vectorizer = DictVectorizer()
    matrix = vectorizer.fit_transform([dict.fromkeys(found & kept, 1.0) for _, found, _ in samples])
    matrix.indices, matrix.indptr = matrix.indices.astype("int32"), matrix.indptr.astype("int32")
    names = vectorizer.get_feature_names_out()
    rows: dict[str, list[int]] = {}
    bias = []
    for number, kind in enumerate(KINDS):
        labels = [kind in kinds for _, _, kinds in samples]
        model = LogisticRegression(C=strength, solver="liblinear", class_weight={0: 1, 1: 4})
        model.fit(matrix, labels)
        bias.append(round(float(model.intercept_[0]), 4))
        for name, weight in zip(names, model.coef_[0], strict=True):
            scaled = round(float(weight) * SCALE)
            if abs(scaled) >= 25:
                rows.setdefault(str(name), [0] * len(KINDS))[number] = scaled
    fields = {"kinds": KINDS, "scale": SCALE, "bias": bias, "enough": enough,
              "weights": dict(sorted(rows.items()))}  # fmt: skip
    fields["version"] = hashlib.sha256(json.dumps(fields).encode()).hexdigest()[:12]
    return fields


def said(box: Box, classifier: Classifier):
    """(message, kind) → confidence, of everything the whole detection suggests."""
    found: dict[tuple[str, str], float] = {}
    for key, reading in box.readings.items():
        for event in find_events(reading, box.family, classifier):
            spot = (key, event.kind.value)
            found[spot] = max(found.get(spot, 0.0), event.confidence)
    return found


def prf(true: set, found: set) -> tuple[float, float, float]:
    """Precision, recall, F1."""
    hit = len(true & found)
    precision, recall = hit / (len(found) or 1), hit / (len(true) or 1)
    return precision, recall, 2 * precision * recall / ((precision + recall) or 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("mailboxes", nargs="+", type=Path)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--strength", type=float, default=0.3)
    parser.add_argument("--minimum", type=int, default=2)
    options = parser.parse_args()
    with ExtractionWorker() as worker:
        boxes = [Box(path, worker) for path in options.mailboxes]
    low = dict.fromkeys(KINDS, 0.05)
    truth: set[tuple[str, str, str]] = set()
    found: dict[tuple[str, str, str], float] = {}
    for box in boxes:
        others = [sample for other in boxes if other is not box for sample in other.samples]
        trained = classifier_from(learn(others, low, options.strength, options.minimum))
        found.update({(box.name, *k): v for k, v in said(box, trained).items()})
        truth |= {(box.name, row["id"], row["kind"]) for row in box.truth}
    enough = {}
    for kind in KINDS:
        true = {t for t in truth if t[2] == kind}
        scored = {k: v for k, v in found.items() if k[2] == kind}
        steps = [n / 50 for n in range(3, 48)]
        best = max(steps, key=lambda s: prf(true, {k for k, v in scored.items() if v >= s})[2])
        enough[kind] = best
    chosen = {k for k, v in found.items() if v >= enough[EventKind(k[2])]}
    print(f"{'message-level, family held out':34}{'P':>6}{'R':>6}{'F1':>6}{'true':>6}  threshold")
    for kind in KINDS:
        of = [{t for t in group if t[2] == kind} for group in (truth, chosen)]
        p, r, f = prf(*of)
        print(f"{kind:34}{p:6.2f}{r:6.2f}{f:6.2f}{len(of[0]):6}  {enough[kind]:.2f}")
    for name, kinds in [*GROUPS.items(), ("all", {str(k) for k in KINDS})]:
        p, r, f = prf(*[{t for t in group if t[2] in kinds} for group in (truth, chosen)])
        print(f"{name:34}{p:6.2f}{r:6.2f}{f:6.2f}")
    for box in boxes:
        p, r, f = prf(*[{t for t in group if t[0] == box.name} for group in (truth, chosen)])
        print(f"  {box.name:32}{p:6.2f}{r:6.2f}{f:6.2f}")
    if options.write:
        samples = [sample for box in boxes for sample in box.samples]
        fields = learn(samples, enough, options.strength, options.minimum)
        path = ROOT / "indexers" / "rules" / "weights.json"
        path.write_text(json.dumps(fields, ensure_ascii=False, indent=0) + "\n", "utf-8")
        print(f"wrote {path.name}: {len(fields['weights'])} features, {path.stat().st_size} bytes",
              file=sys.stderr)  # fmt: skip


if __name__ == "__main__":
    main()
