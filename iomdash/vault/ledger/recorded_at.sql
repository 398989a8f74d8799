-- Grain: one row per population or measure, pseudonym, stay, quarter and cell that $release counted.
-- Read by: ledger.recorded.
select "of", person, cohort, provider, supervision, area, quarter, cell, n
from ledger.recorded
where since <= $release and (until is null or until > $release)
