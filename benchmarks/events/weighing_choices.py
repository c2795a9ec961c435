"""Weights for words and pointers by maximum likelihood, smaller ones preferred."""

from __future__ import annotations

import collections
from collections.abc import Sequence

import numpy as np

from indexers.rules.choosing import Signs

SCALE = 100
_SMALLEST = 4  # of SCALE: smaller weights of words are left out
_HOMES = 2  # families that must have a word
_STEPS = 150


def fit(
    signs: Sequence[Signs],
    true: Sequence[frozenset[str]],
    homes: Sequence[str],
    worth: Sequence[float],
    *,
    exclusive: bool,
    codes: Sequence[str],
    stiff: tuple[float, float, float],
) -> dict[str, object]:
    """A chooser's content (``chooser_from``): one code of several, or each for itself.

    Only words seen in two families count: what a single family says is its own, and no invented
    name gets into the weights.
    """
    from scipy.optimize import minimize  # noqa: PLC0415
    from scipy.sparse import csr_matrix  # noqa: PLC0415

    codes = sorted({code for one in true for code in one} | set(codes))
    seen = collections.defaultdict(set)
    for one, home in zip(signs, homes, strict=True):
        for word in one.words:
            seen[word].add(home)
    words = sorted(word for word, where in seen.items() if len(where) >= _HOMES)
    pointers = sorted({p for one in signs for of in one.pointers.values() for p in of})
    word_at = {word: n for n, word in enumerate(words)}
    pointer_at = {pointer: n for n, pointer in enumerate(pointers)}
    rows, columns = [], []
    prows, pcolumns, pvalues = [], [], []
    for number, one in enumerate(signs):
        for word in one.words & word_at.keys():
            rows.append(number)
            columns.append(word_at[word])
        for place, code in enumerate(codes):
            for pointer, value in one.pointers.get(code, {}).items():
                prows.append(number * len(codes) + place)
                pcolumns.append(pointer_at[pointer])
                pvalues.append(value)
    n, k, f, g = len(signs), len(codes), len(words), len(pointers)
    x = csr_matrix((np.ones(len(rows)), (rows, columns)), shape=(n, f))
    z = csr_matrix((pvalues, (prows, pcolumns)), shape=(n * k, g))
    xt, zt = x.T.tocsr(), z.T.tocsr()
    y = np.array([[float(code in one) for code in codes] for one in true])
    y_soft = y / y.sum(1, keepdims=True)
    weight = np.array(worth)[:, None]

    def loss(theta):
        w, v, b = theta[: f * k].reshape(f, k), theta[f * k : f * k + g], theta[f * k + g :]
        s = x @ w + (z @ v).reshape(n, k) + b
        if exclusive:
            s = s - s.max(1, keepdims=True)
            log_p = s - np.log(np.exp(s).sum(1, keepdims=True))
            cost = -(weight * y_soft * log_p).sum()
            d = weight * (np.exp(log_p) - y_soft)
        else:
            p = 1 / (1 + np.exp(-np.clip(s, -30, 30)))
            cost = -(weight * (y * np.log(p) + (1 - y) * np.log1p(-p))).sum()
            d = weight * (p - y)
        cost += 0.5 * (stiff[0] * (w**2).sum() + stiff[1] * (v**2).sum() + stiff[2] * (b**2).sum())
        return cost, np.concatenate(
            [
                (xt @ d + stiff[0] * w).ravel(),
                zt @ d.ravel() + stiff[1] * v,
                d.sum(0) + stiff[2] * b,
            ]
        )

    best = minimize(
        loss, np.zeros(f * k + g + k), jac=True, method="L-BFGS-B", options={"maxiter": _STEPS}
    ).x
    whole = np.rint(best * SCALE).astype(int)
    w = whole[: f * k].reshape(f, k)
    kept = {}
    for word, row in zip(words, w, strict=True):
        pairs = [(place, int(value)) for place, value in enumerate(row) if abs(value) >= _SMALLEST]
        if pairs:
            kept[word] = [part for pair in pairs for part in pair]
    return {
        "codes": codes,
        "scale": SCALE,
        "bias": whole[f * k + g :].tolist(),
        "words": kept,
        "pointers": {p: int(v) for p, v in zip(pointers, whole[f * k : f * k + g], strict=True)},
    }
