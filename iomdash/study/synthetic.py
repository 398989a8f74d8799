"""A made-up wave, drawn from a seed: files as an analyst would upload them, labelled synthetic.

All parameters stand in synthetic.toml; excerpts are written by hand in excerpts_synthetic.csv.
"""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
import polars as pl

from iomdash.declared.codebook import CODES, STEPS
from iomdash.declared.conditions import CONDITIONS
from iomdash.declared.scheme import PATHWAYS

FOLDER = Path(__file__).parent
CONSENTS = (
    "understood", "voluntary", "interview", "recording", "quotation", "future_research",
    "second_interview",
)  # fmt: skip
ORIGIN = pl.lit("synthetic").alias("origin")
WEIGHED = ("ethnicity", "accommodation", "employment", "setting")

Texts = np.ndarray[Any, np.dtype[np.str_]]
Floats = np.ndarray[Any, np.dtype[np.float64]]


@cache
def parameters() -> Mapping[str, Any]:
    """The whole of synthetic.toml."""
    return tomllib.loads((FOLDER / "synthetic.toml").read_text("utf-8"))


def rate(code: str) -> tuple[float, float, float]:
    """Shares of yes, no and mixed among those asked. Raises KeyError for a code without any."""
    for pathway in PATHWAYS:
        for i, step in enumerate(STEPS):
            if code == f"pathways.{pathway.id}.{step}":
                yes = parameters()["pathways"][pathway.id][i]
                return yes, (1 - yes) * 0.7, 0.0
    known = parameters()
    yes, no, mixed = known["added"][code] if code in known["added"] else known["stances"][code]
    return yes, no, mixed


def condition(code: str) -> str | None:
    """The code to which somebody must have said yes before this one is asked."""
    parts = code.split(".")
    if len(parts) == 3 and parts[2] != "need":
        return f"{parts[0]}.{parts[1]}.need"
    return parameters()["conditions"].get(code)


def write(
    folder: Path, *, interviews: int | None = None, seed: int | None = None
) -> dict[str, Path]:
    """Write interviews, codings, excerpts, approaches, caseloads and the board's answers as CSV;
    files by table.

    A table without a row gets no file: few interviews may bring no excerpt.
    The same number and seed give the same bytes. Both default to those of synthetic.toml.
    """
    n = interviews or int(parameters()["interviews"])
    seed = int(parameters()["seed"]) if seed is None else seed
    dice = np.random.default_rng(seed)
    cohort = _pick(dice, parameters()["cohorts"], n)
    stances = _stances(cohort, dice, seed)
    people = _interviews(cohort, stances, dice)
    frames = {
        "interviews": people,
        "codings": _codings(stances, people),
        "excerpts": _excerpts(stances, people),
        "approaches": _approaches(cohort, dice),
        "caseloads": _caseloads(cohort),
        "board_answers": _board_answers(),
    }
    files = {t: folder / f"{t}.csv" for t, frame in frames.items() if not frame.is_empty()}
    for table, path in files.items():
        frames[table].with_columns(ORIGIN).write_csv(path)
    return files


def _pick(dice: np.random.Generator, weights: Mapping[str, float], n: int) -> Texts:
    """`n` of the names, each with its weight."""
    shares = np.array(list(weights.values()))
    return dice.choice(np.array(list(weights)), size=n, p=shares / shares.sum())


def _by_cohort(cohort: Texts, shares: Mapping[str, float]) -> Floats:
    """Each person's share, by their cohort; 0 where the cohort is not named."""
    return np.array([shares.get(str(name), 0.0) for name in cohort])


def _stances(cohort: Texts, dice: np.random.Generator, seed: int) -> dict[str, Texts]:
    """Stance of every person by code, '' where not raised; conditions before what they gate, and
    before both whatever is not drawn by itself.
    """
    stances: dict[str, Texts] = {}
    added = parameters()["added"]
    for code in sorted(CODES, key=lambda c: (c in added, condition(c) is not None)):
        yes, no, mixed = rate(code)
        shift = _by_cohort(cohort, parameters()["shifts"].get(code, {}))
        own = np.random.default_rng([seed, crc32(code.encode())]) if code in added else dice
        drawn = own.random(len(cohort))
        edges = np.cumsum(
            [np.clip(yes + shift, 0, 1), np.clip(no - shift, 0, 1), mixed + 0 * shift], 0
        )
        answers = np.select([drawn < edge for edge in edges], ["yes", "no", "mixed"], "")
        gate = condition(code)
        stances[code] = answers if gate is None else np.where(stances[gate] == "yes", answers, "")
    return stances


def _interviews(
    cohort: Texts, stances: Mapping[str, Texts], dice: np.random.Generator
) -> pl.DataFrame:
    n = len(cohort)
    known = parameters()
    nps = dice.random(n) < _by_cohort(cohort, known["nps"])
    voluntary = dice.random(n) < _by_cohort(cohort, known["voluntary"])
    columns: dict[str, Any] = {
        "interview_id": _ids("S26", n),
        "wave": [known["wave"]] * n,
        "cohort": cohort,
        "provider": np.where(nps, "NPS", "CRC"),
        "supervision": np.where(voluntary, "voluntary", "statutory"),
        "sex": ["male"] * n,
        "still_offending": _opposite(stances["offending.stopped"]),
        **{name: _pick(dice, known["profile"][name], n) for name in WEIGHED},
        **{name: _number(dice, figures, n) for name, figures in known["profile_numbers"].items()},
        **_answers(stances, dice, n),
        **{f"consent_{name}": ["yes"] * n for name in CONSENTS},
    }
    columns["consent_quotation"] = np.where(dice.random(n) < 0.85, "yes", "no")
    columns["consent_second_interview"] = np.where(dice.random(n) < 0.9, "yes", "no")
    # A wave so small that nobody answered would leave the column without a type.
    return _dated(pl.DataFrame(columns, schema_overrides={"still_offending": pl.String}), dice)


def _opposite(stance: Texts) -> list[str | None]:
    return [{"yes": "no", "no": "yes"}.get(str(word)) for word in stance]


def _number(
    dice: np.random.Generator, figures: tuple[int, int, int, int], n: int
) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Whole numbers by mean, spread, least and most."""
    mean, spread, least, most = figures
    return np.clip(np.rint(dice.normal(mean, spread, n)), least, most).astype(np.int64)


def _answers(
    stances: Mapping[str, Texts], dice: np.random.Generator, n: int
) -> dict[str, Texts | list[str | None]]:
    """Yes and no of the sheet; treatment is asked only of those who name the misuse or concern."""
    drawn = {
        name: np.where(dice.random(n) < share, "yes", "no")
        for name, share in parameters()["profile_yes"].items()
    }
    drawn["drug_misuse"] = np.where(stances["substance.need"] == "yes", "yes", "no")
    gates = {
        "alcohol_in_treatment": "alcohol_misuse",
        "drug_in_treatment": "drug_misuse",
        "mental_health_in_intervention": "mental_health_concern",
    }
    gated = {
        name: [
            str(w) if g == "yes" else None for w, g in zip(drawn[name], drawn[gate], strict=True)
        ]
        for name, gate in gates.items()
    }
    return {**drawn, **gated}


def _dated(frame: pl.DataFrame, dice: np.random.Generator) -> pl.DataFrame:
    """Dates of interview, last offence and last arrest; no offence before the first one's age."""
    n, known = frame.height, parameters()
    span = (known["last_month"] - known["first_month"]).days
    ages = frame["age"].to_numpy()
    first = np.minimum(frame["age_first_offence"].to_numpy(), ages)
    longest = np.maximum((ages - first) * 365, 1)
    still = (frame["still_offending"] == "yes").fill_null(False).to_numpy()
    since = np.where(still, dice.integers(1, 60, n), dice.integers(30, 900, n))
    start = pl.lit(known["first_month"])
    return frame.with_columns(
        age_first_offence=pl.Series(first),
        interviewed_on=start + _days(dice.integers(0, span + 1, n)),
    ).with_columns(
        last_offence_on=pl.col("interviewed_on") - _days(np.minimum(since, longest)),
        last_arrest_on=pl.col("interviewed_on")
        - _days(np.minimum(dice.integers(20, 1000, n), longest)),
    )


def _days(numbers: np.ndarray[Any, np.dtype[np.int64]]) -> pl.Expr:
    return pl.duration(days=pl.lit(pl.Series(numbers)))


def _ids(prefix: str, n: int) -> list[str]:
    return [f"{prefix}-{i:06d}" for i in range(1, n + 1)]


def _codings(stances: Mapping[str, Texts], people: pl.DataFrame) -> pl.DataFrame:
    wide = pl.DataFrame({"interview_id": people["interview_id"], **dict(stances)})
    return (
        wide.unpivot(index="interview_id", variable_name="code", value_name="stance")
        .filter(pl.col("stance") != "")
        .with_columns(coder=pl.lit("generator"), coded_on=pl.lit(parameters()["reviewed_on"]))
        .sort("interview_id", "code")
    )


def _excerpts(stances: Mapping[str, Texts], people: pl.DataFrame) -> pl.DataFrame:
    """Each hand-written excerpt is given to somebody who took that stance and agreed to quotes."""
    written = pl.read_csv(FOLDER / "excerpts_synthetic.csv")
    agreed = (people["consent_quotation"] == "yes").to_numpy()
    rows: list[dict[str, Any]] = []
    for i, row in enumerate(written.iter_rows(named=True)):
        able = np.flatnonzero(agreed & (stances[row["code"]] == row["stance"]))
        if len(able):
            # Spread over people, so that no one of them speaks for all.
            one = int(able[(i * 7919) % len(able)])
            rows.append({"excerpt_id": f"E26-{i + 1:03d}", "person": one, **row})
    frame = pl.DataFrame(
        rows, schema={"excerpt_id": pl.String, "person": pl.Int64, **written.schema}
    )
    return frame.select(
        "excerpt_id",
        interview_id=people["interview_id"].gather(frame["person"]),
        code="code",
        kind=pl.lit("paraphrase"),
        text="text",
        cleared="cleared",
        reviewed_by=pl.lit("iomdash"),
        reviewed_on=pl.lit(parameters()["reviewed_on"]),
    )


def _approaches(cohort: Texts, dice: np.random.Generator) -> pl.DataFrame:
    """Everybody interviewed was approached, and others of the same cohorts who were not reached."""
    shares: Mapping[str, float] = parameters()["approaches"]
    missed = [
        (o, _pick(dice, parameters()["cohorts"], round(s * len(cohort)))) for o, s in shares.items()
    ]
    everybody = [("interviewed", cohort), *missed]
    names = np.concatenate([group for _, group in everybody])
    outcomes = [outcome for outcome, group in everybody for _ in group]
    return pl.DataFrame(
        {
            "approach_id": _ids("A26", len(outcomes)),
            "wave": [parameters()["wave"]] * len(outcomes),
            "cohort": names,
            "outcome": outcomes,
        }
    )


def _caseloads(cohort: Texts) -> pl.DataFrame:
    """Caseloads of the parameter file, grown with the interviews and never smaller than them."""
    known = parameters()
    grown = len(cohort) / known["interviews"]
    people = {
        name: max(1, round(n * grown), int((cohort == name).sum()))
        for name, n in known["caseloads"].items()
    }
    return pl.DataFrame(
        {
            "wave": [known["wave"]] * len(people),
            "cohort": list(people),
            "people": list(people.values()),
            "as_of": [known["caseloads_on"]] * len(people),
        }
    )


def _board_answers() -> pl.DataFrame:
    stated: Mapping[str, Mapping[str, Any]] = parameters()["board_answers"]
    rows = [
        {
            "quarter": quarter,
            "condition": condition.id,
            "answer": said[condition.id],
            "answered_by": said["answered_by"],
            "answered_on": said["answered_on"],
        }
        for quarter, said in stated.items()
        for condition in CONDITIONS
    ]
    return pl.DataFrame(rows)
