"""The scheme: every line has a source, and the pages that show it say which."""

import dataclasses
from typing import Any

import pytest

from iomdash.declared import scheme
from iomdash.declared.scheme import COHORTS
from iomdash.declared.sources import Line, Source
from iomdash.pictures.terms import of_reference, sourced

# Names and keys, by which a line is called; everything else that is text is a line.
NAMES = ("id", "key", "name")


def entries() -> list[Any]:
    """Everything that the scheme declares in a tuple."""
    every = [v for v in vars(scheme).values() if isinstance(v, tuple)]
    return [entry for group in every for entry in group if dataclasses.is_dataclass(entry)]


def texts(entry: Any, field: str) -> list[str]:
    value = getattr(entry, field)
    return [text for text in (value if isinstance(value, tuple) else (value,)) if type(text) is str]


def without_source(entry: Any) -> list[str]:
    """Fields of an entry whose text has no source: bare ones, and `source` where it has no other.

    An entry of names alone has one for all of it.
    """
    fields = [field.name for field in dataclasses.fields(entry)]
    bare = [name for name in fields if name not in NAMES and texts(entry, name)]
    if "source" in fields and not isinstance(entry.source, Source):
        bare.append("source")
    return bare


@pytest.mark.parametrize("entry", entries(), ids=str)
def test_every_line_of_the_scheme_has_a_source(entry: Any) -> None:
    assert without_source(entry) == []


def test_a_line_without_a_source_is_noticed() -> None:
    whole = COHORTS[0]
    assert without_source(dataclasses.replace(whole, way_out="No source.")) == ["way_out"]
    assert without_source(dataclasses.replace(whole, purpose=("Bare",))) == ["purpose"]
    assert without_source(dataclasses.replace(scheme.AREAS[0], source=None)) == ["source"]
    with pytest.raises(TypeError):
        Line("No source.")  # pyright: ignore[reportCallIssue]


def test_the_search_sees_every_list_of_the_scheme() -> None:
    kinds = {type(entry).__name__ for entry in entries()}
    assert kinds == {"Cohort", "Principle", "Pathway", "Agency", "Choice"}
    assert len(entries()) > 60


@pytest.mark.parametrize(
    ("cohort", "source"),
    [("PPO", Source.STUDY), ("HCCU", Source.PARTNERSHIP), ("SPOS", Source.PARTNERSHIP),
     ("DV&A", Source.PARTNERSHIP), ("U18", Source.PARTNERSHIP)],
)  # fmt: skip
def test_six_clear_months_before_leaving_belong_to_one_cohort_in_the_source(
    cohort: str, source: Source
) -> None:
    found = next(c for c in COHORTS if c.id == cohort)
    assert found.way_out.source is source
    assert "six months" in found.way_out


def test_the_criteria_of_the_young_are_the_partnerships_own() -> None:
    young = next(c for c in COHORTS if not c.adult)
    assert {line.source for line in (*young.referral, *young.purpose)} == {Source.PARTNERSHIP}


def test_lines_of_one_source_name_it_once() -> None:
    study, own = (Line(f"From {s.name}.", s) for s in (Source.STUDY, Source.PARTNERSHIP))
    assert sourced(study, study) == "From STUDY; From STUDY (study of 2017)."
    assert sourced(study, own).endswith("(study of 2017, set by the partnership).")
    assert of_reference(COHORTS[1])["Way out"].endswith("(set by the partnership).")
