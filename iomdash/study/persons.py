"""People who do not exist, with everything that agencies call them, and when they were adopted.

NHS numbers lie in the range that is kept for tests, National Insurance numbers bear the prefix
of examples (QQ), names are syllables.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl

Texts = np.ndarray[Any, np.dtype[np.str_]]
Numbers = np.ndarray[Any, np.dtype[np.float64]]
Whole = np.ndarray[Any, np.dtype[np.int64]]

_LETTERS = "ABCDEFGHJKLMNPQRTUVWXYZ"
_SHARES = {"18": 0.2, "25": 0.36, "35": 0.28, "45": 0.16}
_SPAN = {"18": 7, "25": 10, "35": 10, "45": 18}
DAY = "datetime64[D]"


def pick(dice: np.random.Generator, weights: Mapping[str, float], n: int) -> Texts:
    """`n` of the names, each with its weight."""
    shares = np.array(list(weights.values()))
    return dice.choice(np.array(list(weights)), size=n, p=shares / shares.sum())


def made_up(dice: np.random.Generator, n: int, known: Mapping[str, Any]) -> pl.DataFrame:
    """One row a person, adults on the first day: names, dob, pnc parts, nhs, crn, nino, iom_ref."""
    number, (first, last, given) = np.arange(n), known["identifiers"]["syllables"]
    age = pick(dice, _SHARES, n)
    years = np.array([int(a) for a in age]) + 1 + dice.random(n) * [_SPAN[a] - 1 for a in age]
    born = np.datetime64(known["first_day"], "D") - (years * 365.25).astype(int)
    return pl.DataFrame(
        {
            "person": number,
            "surname": [first[i % 20] + last[i // 20 % 20] for i in number],
            "forename": [f"{given[i // 400 % 20]}n{last[i // 8000 % 20]}".title() for i in number],
            "dob": born,
            "pnc_year": dice.integers(1990, 2024, n),
            "pnc_number": 1_000_000 + number * 7,
            "pnc_letter": [_LETTERS[i % 23] for i in number],
            "nhs": _nhs(n),
            "crn": [f"{_LETTERS[i // 900_000]}{100_000 + i % 900_000}" for i in number],
            "nino": [f"QQ{i % 1_000_000:06d}{'ABCD'[i // 1_000_000 % 4]}" for i in number],
            "iom_ref": [f"IOM{10_000 + i}" for i in number],
        }
    )


def _nhs(n: int) -> list[str]:
    """The first numbers downward from 999 999 999 that have a check digit, with it."""
    first = 999_999_999 - np.arange(n + n // 5 + 20)
    digits = first[:, None] // 10 ** np.arange(8, -1, -1) % 10
    check = 11 - (digits * np.arange(10, 1, -1)).sum(axis=1) % 11
    sound = check != 10
    both = zip(first[sound][:n], check[sound][:n] % 11, strict=True)
    return [f"{number}{digit}" for number, digit in both]


def adoptions(
    dice: np.random.Generator, people: pl.DataFrame, known: Mapping[str, Any]
) -> pl.DataFrame:
    """One row a case: person, cohort, adopted, left (null while open), reason; some have two."""
    first, second = _first(dice, people.height, known), known["second"]
    again = first.filter(pl.col("left").is_not_null()).filter(
        pl.Series(dice.random(int(first["left"].is_not_null().sum()))) < second["share"]
    )
    least, most = second["after_days"]
    gap = pl.Series(dice.integers(least, most, again.height))
    others = list(known["cohorts"])
    moved = {c: others[(place + 1) % len(others)] for place, c in enumerate(others)}
    begun = again.select(
        "person",
        pl.col("cohort").replace_strict(moved),
        adopted=pl.col("left").dt.offset_by(pl.format("{}d", gap)),
    ).filter(pl.col("adopted") < known["last_day"])
    return pl.concat([first, _left(dice, begun, known)])


def _first(dice: np.random.Generator, n: int, known: Mapping[str, Any]) -> pl.DataFrame:
    start, end = np.datetime64(known["first_day"], "D"), np.datetime64(known["last_day"], "D")
    before = dice.random(n) < known["adoption"]["before_first_day"]
    inside = start + dice.integers(0, int((end - start).astype(int)) - 20, n)
    adopted = np.where(before, start - dice.integers(1, 300, n), inside)
    cohort = pick(dice, known["cohorts"], n)
    begun = pl.DataFrame({"person": np.arange(n), "cohort": cohort, "adopted": adopted})
    return _left(dice, begun, known)


def _left(dice: np.random.Generator, begun: pl.DataFrame, known: Mapping[str, Any]) -> pl.DataFrame:
    stays = pl.Series(
        dice.exponential(known["adoption"]["stay_days"], begun.height).astype(int) + 14
    )
    reasons = pl.Series(pick(dice, known["adoption"]["reasons"], begun.height))
    left = pl.col("adopted").dt.offset_by(pl.format("{}d", stays))
    gone = left <= known["last_day"]
    return begun.with_columns(
        left=pl.when(gone).then(left), reason=pl.when(gone).then(pl.lit(reasons))
    )
