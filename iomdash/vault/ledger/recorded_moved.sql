-- Grain: one row per release, population or measure, pseudonym, stay, quarter, cell and part, 'then' where
-- the release counted it so and it does not count so now, 'now' the other way round, of what the
-- release told. Reads: counted_now, told_before. Read by: ledger.recorded.
with known as (
    select
        t.release, r."of", r.person, r.cohort, r.provider, r.supervision, r.area, r.quarter, r.cell, r.n
    from told_before as t
    inner join ledger.recorded as r
        on
            t."of" = r."of" and t.quarter = r.quarter
            and r.since <= t.release and (r.until is null or r.until > t.release)
),

counted as (
    select
        t.release, n."of", n.person, n.cohort, n.provider, n.supervision, n.area, n.quarter, n.cell, n.n
    from counted_now as n
    inner join told_before as t on n."of" = t."of" and n.quarter = t.quarter
),

parts as (
    select *, 'then' as part from (from known except from counted)
    union all
    select *, 'now' as part from (from counted except from known)
)

from parts
