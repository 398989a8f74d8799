-- Grain: one row per year and what stays say of supervision and area, as $release counted them.
-- Read by: ledger.recorded.
select distinct substr(quarter, 1, 4) as year, supervision, area
from ledger.recorded
where since <= $release and (until is null or until > $release)
