-- Grain: one row per wave and origin of its interviews. Counts interviews; dates of the field work.
-- Reads: interviews. Read by: counting.interviews.count.
select
    wave,
    origin,
    count(*) as n,
    min(interviewed_on) as first_on,
    max(interviewed_on) as last_on
from interviews
group by wave, origin
