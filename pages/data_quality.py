"""Every load behind this release, its checks, and when: figures of files, never rows."""

import streamlit as st

from iomdash.declared.reasons import Reason
from iomdash.site.frame import choose, current
from iomdash.site.show import table

LOADS = (
    'select table_name as "Table",'
    ' coalesce(cast(row_count as varchar), ?) as "Rows", checks as "Checks",'
    ' strftime(loaded_at, \'%d %b %Y %H:%M\') as "Loaded (UTC)", left(sha256, 12) as "SHA-256"'
    " from loads order by loaded_at, table_name"
)
CHECKS = (
    'select * from (select table_name as "Table", rule as "Rule", reason as "Why",'
    ' severity as "Kind",'
    " case result when 'passed' then 'passed' when 'failed' then 'not passed'"
    " when 'implied' then 'implied by ' || implied_by else 'not shown: few interviews' end"
    ' as "Result", count(*) as "Loads" from checks'
    " group by all) order by \"Result\" <> 'not passed', 1, 2, 5"
)


def page() -> None:
    """Loads, checks, versions."""
    release = current()
    manifest = release.manifest
    st.title(f"Data quality: {manifest['checks_passed']:,} of {manifest['checks']:,} checks passed")
    choose(release, uses=(), wave=False)
    st.write(
        "A file enters whole or not at all. No load below broke a rule that is an error; a file "
        "that did left no trace in the data. A warning lets a file in and stands here as not "
        "passed, without a count of its rows. What another rule has said already is implied, not "
        "run, and counts as neither."
    )
    st.subheader("Loads")
    few = release.words(Reason.FEW_IN_FILE)
    table(release.rows(LOADS, [few]), "Loads of this release")
    st.subheader("Checks")
    table(release.rows(CHECKS), "Checks, by table")
    st.subheader("Built with")
    versions = [{"Package": name, "Version": v} for name, v in manifest["versions"].items()]
    table(versions, "Versions of packages")
