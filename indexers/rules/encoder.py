"""A small language model that reads sentences in their window, by ONNX Runtime.

It is all-MiniLM-L6-v2 (Apache-2.0), its layers and a last step of our own trained on labelled
mailboxes by benchmarks/events/train.py and kept with weights of eight bits. It runs on this
computer alone. One window is read at a time, without padding: eight-bit arithmetic depends on all
that is read together, so what a sentence scores depends on its own message only, and a rebuild
gives the same events.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from typing import Any

from indexers.model import EventKind
from indexers.rules.shipped import shipped
from indexers.rules.windows import Window
from indexers.rules.wordpiece import WordPieces

_THREADS = 1  # messages are read side by side; to share one out costs a sixth more CPU


@dataclass(frozen=True, slots=True)
class Encoder:
    """The model in a session of its runtime, with its vocabulary."""

    kinds: tuple[EventKind, ...]
    words: WordPieces
    session: Any

    def scores(self, window: Window) -> list[list[float]]:
        """Log-odds of each kind, for each segment of a window."""
        import numpy as np  # noqa: PLC0415

        mean = np.zeros((len(window.segments), len(window.pieces)), np.float32)
        for row, segment in enumerate(window.segments):
            end = max(segment.end, segment.start + 1)
            mean[row, segment.start : end] = 1 / (end - segment.start)
        fed = {
            "ids": np.asarray(window.pieces, np.int64),
            "mean": mean,
            "first": np.asarray([s.start for s in window.segments], np.int64),
        }
        scored: list[list[float]] = self.session.run(None, fed)[0].tolist()
        return scored


def encoder_installed() -> bool:
    """Whether the runtime is installed; quick, and nothing is loaded."""
    return find_spec("onnxruntime") is not None


def encoder_runs() -> bool:
    """Whether the runtime can be loaded on this computer; takes a quarter of a second."""
    return _runtime() is not None


@lru_cache(maxsize=1)
def load_encoder() -> Encoder | None:
    """The encoder that ships; None where ONNX Runtime does not run on this computer."""
    runtime = _runtime()
    if runtime is None:
        return None
    vocabulary = shipped("vocabulary.txt").decode("utf-8").split("\n")
    return encoder_from(shipped("encoder.onnx"), vocabulary, runtime)


def _runtime() -> Any:
    try:
        import onnxruntime  # noqa: PLC0415
    except (ImportError, OSError):  # no wheel for this computer, or a library that it lacks
        return None
    return onnxruntime


def encoder_from(model: bytes, vocabulary: list[str], runtime: Any) -> Encoder:
    """An encoder from the bytes of an ONNX model: ids, mean, first → scores, kinds in order."""
    options = runtime.SessionOptions()
    options.intra_op_num_threads = _THREADS
    options.inter_op_num_threads = 1
    # Waiting threads sleep: other programs of a home computer need its cores too.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    session = runtime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    return Encoder(tuple(EventKind), WordPieces(vocabulary), session)
