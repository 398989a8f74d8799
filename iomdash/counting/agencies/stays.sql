-- Grain: one row per adoption. One stay of one person in one cohort, open ones without an end.
-- Reads: adoptions. Read by: counting.agencies.count.
select
    adoption_id,
    person_id,
    cohort,
    provider,
    supervision,
    coalesce(area, '') as area,
    adopted_on,
    coalesce(left_on, date '9999-12-31') as until_on,
    left_on,
    coalesce(left_reason, '') as left_reason
from adoptions
