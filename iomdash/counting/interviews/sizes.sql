-- Grain: one row per atom (wave, cohort, provider, supervision). Counts interviews.
-- Reads: interviews. Read by: counting.interviews.count.
select
    wave,
    cohort,
    provider,
    supervision,
    setting,
    life,
    count(*) as n
from interviews
group by wave, cohort, provider, supervision, setting, life
