-- Ends each row that counts no more with $release. Reads: counted_now. Read by: ledger.recorded.
update ledger.recorded as r set until = $release
where r.until is null and not exists (
    select 1 from counted_now as n
    where
        n."of" = r."of" and n.person = r.person and n.cohort = r.cohort
        and n.provider = r.provider and n.supervision = r.supervision and n.area = r.area
        and n.quarter = r.quarter and n.cell = r.cell and n.n = r.n
)
