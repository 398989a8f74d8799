# pyright: basic, reportArgumentType=false
# statsmodels carries no types.
"""Verdicts by simulation: how often a word that is called beyond chance is untrue of the caseload.

Each draw makes up a caseload, of whom a share would say so, and lets people volunteer: at random,
or those who would say so more readily than the others. `docs/volunteers.md` explains the figures.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from statsmodels.stats.proportion import proportion_confint

from benchmarks.rows import Row, plain, step
from iomdash.declared.quantifiers import MAJORITY, QUANTIFIERS, Quantifier
from iomdash.declared.verdicts import Verdict

CASELOAD = 265
# Chances that somebody volunteers who would say so, and somebody who would not.
RANDOM, EAGER = (0.5, 0.5), (0.6, 0.4)
RESPONSES = {"at random": RANDOM, "60 of 100 against 40": EAGER}
# Short of a majority, where a sample that leans to one side misleads most.
NEAR = (0.4, 0.45, 0.5)
SEED = 2017


@dataclass(frozen=True)
class Sizes:
    """Caseloads that are made up for each word and way to volunteer."""

    draws: int


FULL, SMOKE = Sizes(10_000), Sizes(200)


def run(sizes: Sizes) -> Iterator[Row]:
    """Per cent of verdicts beyond chance that are untrue; the bar is that of the intervals, 5."""
    for how, response in RESPONSES.items():
        step(f"volunteers {how}")
        bar = 5.0 if response is RANDOM else None
        for word in QUANTIFIERS:
            share = untrue(word, response, sizes.draws)
            if share is not None:
                yield plain(f"{word.word}, volunteers {how}: untrue, %", [100 * share], bar)
    for how, response in RESPONSES.items():
        for truly in NEAR:
            sure, said = told(MAJORITY, response, sizes.draws, truly)
            what = f"a majority said where it is {truly:.0%}, volunteers {how}"
            yield plain(f"{what}, %", [100 * said])
            yield plain(f"{what}: beyond chance, %", [100 * sure])


def untrue(word: Quantifier, response: tuple[float, float], draws: int) -> float | None:
    """Of verdicts beyond chance, the share that is untrue of the caseload; None where there is
    none. Those who would say so are any share of the caseload, drawn evenly.
    """
    pairs = _verdicts(word, response, draws, (0.0, 1.0))
    said = [(now, true) for now, sure, true in pairs if sure]
    return sum(now is not true for now, true in said) / len(said) if said else None


def told(
    word: Quantifier, response: tuple[float, float], draws: int, truly: float
) -> tuple[float, float]:
    """The shares of draws of which a word is said, beyond chance and at all, where `truly` so many
    of the caseload would say so.
    """
    pairs = _verdicts(word, response, draws, (truly, truly))
    said = [sure for now, sure, _ in pairs if now is Verdict.AS_CLAIMED]
    return sum(said) / draws, len(said) / draws


def _verdicts(
    word: Quantifier, response: tuple[float, float], draws: int, shares: tuple[float, float]
) -> list[tuple[Verdict, bool, Verdict]]:
    """The verdict of each draw, whether it is beyond chance, and the true one."""
    random = np.random.default_rng(SEED)
    would = np.rint(random.uniform(*shares, draws) * CASELOAD).astype(int)
    yes, no = random.binomial(would, response[0]), random.binomial(CASELOAD - would, response[1])
    low, high = proportion_confint(yes, yes + no, alpha=0.05, method="wilson")
    return [
        (*_said(word, int(x), int(x + m), float(a), float(b)), word.verdict(int(k), CASELOAD))
        for x, m, a, b, k in zip(yes, no, low, high, would, strict=True)
    ]


def _said(word: Quantifier, x: int, n: int, low: float, high: float) -> tuple[Verdict, bool]:
    now = word.verdict(x, n)
    ends = (0.0 if x == 0 else low, 1.0 if x == n else high)
    return now, all(word.at(end) is now for end in ends)
