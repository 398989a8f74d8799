-- Grain: one row per person, atom, quarter and population: 'in' the cohort at its end, 'present'
-- on any day of it, 'joined' in it. Closed quarters only. Reads: stays, quarters, extracts.
-- Read by: counting.agencies.
with ends as (
    select q.quarter, q.first_on, q.last_on
    from quarters as q
    inner join extracts as e on e.table_name = 'adoptions' and q.last_on <= e.extracted_on
),

populations as (
    select s.person, s.atom, e.quarter, 'in' as of
    from stays as s
    inner join ends as e on s.adopted_on <= e.last_on and s.until_on > e.last_on
    union all
    select s.person, s.atom, e.quarter, 'present' as of
    from stays as s
    inner join ends as e on s.adopted_on <= e.last_on and s.until_on >= e.first_on
    union all
    select s.person, s.atom, e.quarter, 'joined' as of
    from stays as s
    inner join ends as e on s.adopted_on between e.first_on and e.last_on
)

select distinct of, person, atom, quarter
from populations
