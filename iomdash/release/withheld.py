"""What a release withholds, by reason: how many rows of which table, as any reader could count."""

from collections.abc import Mapping

from iomdash.declared.reasons import Reason
from iomdash.release.reader import Release

# The columns that hold a reason in place of a figure.
COLUMNS = ("hidden", "why")


def withheld(release: Release) -> Mapping[Reason, Mapping[str, int]]:
    """How many rows of each table are withheld, by the reason, the most frequent first."""
    columns = release.rows(
        "select table_name, column_name from duckdb_columns() "
        "where list_contains(?, column_name) order by all",
        [COLUMNS],
    )
    counts: dict[Reason, dict[str, int]] = {}
    for table, column in (tuple(row.values()) for row in columns):
        rows = release.rows(
            f'select {column} as reason, count(*) as n from "{table}" '
            f"where {column} is not null group by all"
        )
        for row in rows:
            counts.setdefault(Reason(row["reason"]), {})[table] = int(row["n"])
    most = sorted(counts, key=lambda reason: -sum(counts[reason].values()))
    return {reason: counts[reason] for reason in most}
