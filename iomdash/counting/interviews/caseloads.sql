-- Grain: one row per wave and cohort. People in the cohort when the wave was taken.
-- Reads: caseloads. Read by: counting.interviews.count.
select
    wave,
    cohort,
    people as n
from caseloads
