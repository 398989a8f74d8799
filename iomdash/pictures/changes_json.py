"""What changed between two releases, for other programs."""

from collections.abc import Mapping, Sequence

from iomdash.pictures.changes import TITLES, title_of
from iomdash.release.comparison import Change, Comparison


def as_json(comparison: Comparison) -> Mapping[str, object]:
    """The form that docs/findings-json.md describes."""
    return {
        "audience": comparison.audience,
        "before": vars(comparison.before),
        "after": vars(comparison.after),
        "same": comparison.same,
        "findings": [
            {"id": finding, "title": TITLES.get(finding), "changes": _plain_rows(changes)}
            for finding, changes in comparison.findings.items()
        ],
        **{name: _plain_rows(comparison.of(table)) for name, table in
           (("groups", "groups"), ("waves", "waves"), ("dates", "recorded_dates"))},
        "measures": [
            {"id": measure, "title": title_of(measure), "figures": len(changes),
             "changes": _plain_rows(changes)}
            for measure, changes in comparison.measures.items()
        ],
        "tables": [
            {"table": t.table, "equal": t.equal, "reworded": t.reworded, "changed": t.changed,
             "only_before": t.kinds.get("removed", 0), "only_after": t.kinds.get("added", 0),
             "columns": dict(t.columns), "columns_only_before": list(t.only_before),
             "columns_only_after": list(t.only_after), "missing": t.missing}
            for t in comparison.tables
        ],
    }  # fmt: skip


def _plain_rows(changes: Sequence[Change]) -> list[Mapping[str, object]]:
    return [
        {"table": c.table, "kind": c.kind, "key": dict(c.key), "columns": list(c.columns),
         "before": c.before and dict(c.before), "after": c.after and dict(c.after)}
        for c in changes
    ]  # fmt: skip
