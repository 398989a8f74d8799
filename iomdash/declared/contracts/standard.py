"""What of the Open Data Contract Standard is kept here, key by key; whatever else is refused.

A key that is read over in silence is a promise that nobody keeps. So every key of a contract
either is kept (it becomes a rule, or says how rows are read and stored), or is words for readers,
or the contract is refused with file, column and key.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, cast

from iomdash.errors import EnvironmentFault

# Ways of writing a day that one agency uses and another would read otherwise, by the name that
# contracts give them, with how Polars names them.
STYLES = {"dd-MMM-yy": "%d-%b-%y", "dd MMM yyyy": "%d %b %Y", "yyyyMMdd": "%Y%m%d"}

# Least and greatest whole number of each width that the standard names and a cell of at most nine
# digits can reach.
WIDTHS = {
    "i8": (-128, 127), "u8": (0, 255), "i16": (-32_768, 32_767), "u16": (0, 65_535),
    "i32": (-(2**31), 2**31 - 1), "u32": (0, 2**32 - 1), "i64": (-(2**63), 2**63 - 1),
}  # fmt: skip

OPERATORS = (
    "mustBe", "mustNotBe", "mustBeGreaterThan", "mustBeGreaterOrEqualTo", "mustBeLessThan",
    "mustBeLessOrEqualTo", "mustBeBetween", "mustNotBeBetween",
)  # fmt: skip

METRICS = ("nullValues", "missingValues", "invalidValues", "duplicateValues", "rowCount")


@dataclass(frozen=True)
class Place:
    """Where in which contract a key stands."""

    file: str
    column: str = ""
    path: tuple[str, ...] = ()

    def under(self, key: str) -> "Place":
        """The same, one key further down."""
        return replace(self, path=(*self.path, key))

    def wrong(self, why: str, remedy: str) -> EnvironmentFault:
        """The error that names file, column and key."""
        column = f", column '{self.column}'" if self.column else ""
        return EnvironmentFault(
            f"The contract {self.file} is wrong{column}, key '{'.'.join(self.path)}': {why} "
            f"{remedy} Nothing was loaded; the data may be sound."
        )


@dataclass(frozen=True)
class Level:
    """The keys of one level of a contract.

    `kept` are enforced, `words` are for readers, `needs` may not be left out. `choices` are the
    values that a key may have, `below` the levels of what stands under a key, and `custom` the
    names that its custom properties may bear.
    """

    kept: tuple[str, ...]
    words: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    below: Mapping[str, str] = field(default_factory=dict[str, str])
    custom: tuple[str, ...] = ()


_OF_BOTH = ("id", "authoritativeDefinitions", "deprecated", "synonyms", "tags")

_OF_QUALITY = (
    "name", "authoritativeDefinitions", "businessImpact", "dimension", "method", "tags",
)  # fmt: skip

_RULE = Level(
    kept=("id", "type", "description", "severity", "customProperties"),
    words=_OF_QUALITY,
    needs=("id", "description"),
    choices={"severity": ("error", "warning")},
    custom=("column", "remedy"),
)

# Where a level has several forms, the part after the stroke is the value that tells them apart.
LEVELS: Mapping[str, Level] = {
    "contract": Level(
        kept=("description", "name", "schema", "version"),
        words=(
            "apiVersion", "authoritativeDefinitions", "context", "contractCreatedTs",
            "dataProduct", "domain", "id", "kind", "price", "status", "support", "tags", "team",
            "tenant",
        ),
        needs=("schema",),
        below={"description": "description", "schema": "schema"},
    ),
    "description": Level(("limitations", "purpose"), ("authoritativeDefinitions", "usage")),
    "schema": Level(
        kept=(
            "customProperties", "description", "name", "physicalName", "physicalType",
            "properties", "quality", "relationships",
        ),
        words=(*_OF_BOTH, "businessName", "context", "dataGranularityDescription"),
        needs=("name", "properties"),
        choices={"physicalType": ("table", "file")},
        below={
            "properties": "property", "quality": "quality/type",
            "relationships": "relationship of columns",
        },
        custom=("absent", "ends", "endsBecause", "retentionClass"),
    ),
    "property": Level(
        kept=(
            "businessName", "classification", "description", "enum", "logicalType",
            "logicalTypeOptions", "name", "physicalType", "primaryKey", "primaryKeyPosition",
            "quality", "relationships", "required", "unique",
        ),
        words=(*_OF_BOTH, "criticalDataElement", "examples"),
        needs=("name", "logicalType", "physicalType"),
        choices={
            "classification": ("open", "pseudonym", "personal", "sensitive", "identifier"),
            "logicalType": ("string", "integer", "date"),
        },
        below={
            "enum": "value", "logicalTypeOptions": "options/logicalType",
            "quality": "quality/type", "relationships": "relationship",
        },
    ),
    "value": Level(
        ("value",), ("id", "authoritativeDefinitions", "description", "label", "tags"), ("value",)
    ),
    "options/string": Level(("maxLength", "minLength", "pattern")),
    "options/integer": Level(
        kept=(
            "exclusiveMaximum", "exclusiveMinimum", "format", "maximum", "minimum", "multipleOf",
        ),
        choices={"format": tuple(WIDTHS)},
    ),
    "options/date": Level(
        kept=("exclusiveMaximum", "exclusiveMinimum", "format", "maximum", "minimum"),
        choices={"format": tuple(STYLES)},
    ),
    "relationship": Level(
        ("to", "type"), ("id",), ("to",), choices={"type": ("foreignKey",)},
    ),
    "relationship of columns": Level(
        kept=("customProperties", "from", "to", "type"),
        words=("id",),
        needs=("from", "to"),
        choices={"type": ("foreignKey",)},
        custom=("reason",),
    ),
    "quality/text": Level(("type", "description"), ("id", *_OF_QUALITY), ("description",)),
    "quality/library": replace(
        _RULE,
        kept=(*_RULE.kept, "arguments", "metric", "unit", *OPERATORS),
        needs=(*_RULE.needs, "metric"),
        choices={**_RULE.choices, "metric": METRICS, "unit": ("rows", "percent")},
    ),
    "quality/sql": replace(
        _RULE,
        kept=(*_RULE.kept, "query", *OPERATORS),
        # The query itself says what it measures.
        words=(*_RULE.words, "unit"),
        needs=(*_RULE.needs, "query"),
    ),
    "quality/custom": replace(
        _RULE,
        kept=(*_RULE.kept, "engine", "implementation"),
        needs=(*_RULE.needs, "engine", "implementation"),
        choices={**_RULE.choices, "engine": ("greatExpectations",)},
        below={"implementation": "implementation"},
    ),
    "implementation": Level(("kwargs", "type"), needs=("kwargs", "type")),
}  # fmt: skip

# What the standard takes a key for where it is left out.
_DEFAULTS = {"type": "library", "logicalType": ""}


def demand(document: Mapping[str, Any], file: str) -> None:
    """Go through a contract as it stands in its file.

    Raises EnvironmentFault for the first key that would be ignored, is missing, or has a value
    of which nothing comes.
    """
    _demand(document, "contract", Place(file))


def _demand(stated: Mapping[str, Any], name: str, place: Place) -> None:
    level = LEVELS[name]
    for key in level.needs:
        if stated.get(key) in (None, "", [], {}):
            raise place.under(key).wrong("it is missing.", "Add it.")
    for key, value in stated.items():
        _known(level, key, value, place)
        for part in _parts(value) if key in level.below else ():
            below = _level(level.below[key], stated, part, place.under(key))
            _demand(part, below, _inside(place, key, part))


def _known(level: Level, key: str, value: Any, place: Place) -> None:
    if key not in (*level.kept, *level.words):
        raise place.under(key).wrong(
            "nothing here enforces it, and a promise that nobody keeps misleads.",
            "Remove it, or say it in another way; docs/decisions/0018 names what is kept.",
        )
    if key in level.choices and value not in level.choices[key]:
        raise place.under(key).wrong(
            f"'{value}' is not known.", f"Give one of: {', '.join(level.choices[key])}."
        )
    if key == "customProperties":
        for part in _parts(value):
            if part.get("property") not in level.custom:
                raise (
                    place.under(key)
                    .under(str(part.get("property")))
                    .wrong("nothing here reads it.", f"Give one of: {', '.join(level.custom)}.")
                )


def _level(name: str, stated: Mapping[str, Any], part: Mapping[str, Any], place: Place) -> str:
    base, stroke, key = name.partition("/")
    if not stroke:
        return name
    form = (stated if base == "options" else part).get(key, _DEFAULTS[key])
    forms = [level.partition("/")[2] for level in LEVELS if level.startswith(f"{base}/")]
    if form not in forms:
        raise place.under(key).wrong(f"'{form}' is not known.", f"Give one of: {', '.join(forms)}.")
    return f"{base}/{form}"


def _inside(place: Place, key: str, part: Mapping[str, Any]) -> Place:
    if key == "properties":
        return replace(place, column=str(part.get("name") or ""), path=())
    return place.under(key)


def _parts(value: Any) -> Iterator[Mapping[str, Any]]:
    parts = cast("list[Any]", value) if isinstance(value, list) else [value]
    yield from (part for part in parts if isinstance(part, Mapping))
