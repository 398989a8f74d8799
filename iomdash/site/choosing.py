"""Marks of a chart that stand for a cohort, as links to the same page for that cohort alone.

A link costs no element and no run of its own: the address is the choice, here as everywhere.
"""

import json
import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any, cast
from urllib.parse import urlencode

from iomdash.pictures.theme import EVERY, GROUP

COHORT = "cohort"
HINT = "Choose {}"
# How charts write a group of which nothing is shown, or how many people it has.
_AROUND = re.compile(r"^▨ | \(n = .*\)$")
Spec = dict[str, Any]


def linked(spec: Spec, across: Mapping[str, str], cohorts: Collection[str]) -> Spec:
    """A picture's specification, with links on marks of the `cohorts`, as pages call them, where
    they stand side by side in it; `across` is the picture's.
    """
    place = across.get(COHORT, EVERY)
    if place == EVERY:
        return spec
    words = {word: name for word, name in _named(spec) if name in cohorts}
    if not words:
        return spec
    links = {word: f"?{urlencode({COHORT: name})}" for word, name in words.items()}
    hints = {word: HINT.format(name) for word, name in words.items()}
    for layer in spec["layer"]:
        encoding = layer["encoding"]
        if field := encoding.get("y" if place == GROUP else "x", {}).get("field"):
            encoding.update(href=_by(field, links), tooltip=_by(field, hints))
    return spec


def _by(field: str, values: Mapping[str, str]) -> Spec:
    """What a mark is given by the value of a field; nothing for any other value."""
    return {"value": {"expr": f"{json.dumps(values)}[datum[{json.dumps(field)}]]"}}


def _named(part: Any) -> Iterator[tuple[str, str]]:
    """Words in a specification, each without what charts write around a name."""
    if isinstance(part, str):
        yield part, _AROUND.sub("", part)
    elif isinstance(part, dict):
        yield from _named([*cast("Spec", part).values()])
    elif isinstance(part, list):
        for value in cast("list[Any]", part):
            yield from _named(value)
