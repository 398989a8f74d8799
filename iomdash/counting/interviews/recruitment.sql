-- Grain: one row per wave, cohort ('' where not stated), life and outcome. Counts approaches.
-- Reads: approaches. Read by: counting.interviews.count.
select
    wave,
    coalesce(cohort, '') as cohort,
    life,
    outcome,
    count(*) as n
from approaches
group by wave, coalesce(cohort, ''), life, outcome
