-- Begins a row with $release for whatever counts and was not there. Reads: counted_now. Read by:
-- ledger.recorded.
insert into ledger.recorded
select n."of", n.person, n.cohort, n.provider, n.supervision, n.area, n.quarter, n.cell, n.n, $release, null
from counted_now as n
where not exists (
    select 1 from ledger.recorded as r
    where
        r.until is null and n."of" = r."of" and n.person = r.person and n.cohort = r.cohort
        and n.provider = r.provider and n.supervision = r.supervision and n.area = r.area
        and n.quarter = r.quarter and n.cell = r.cell and n.n = r.n
)
