-- Grain: one row per person, atom, quarter and population: 'in' the cohort at its end, 'present'
-- on any day of it, 'joined' in it. Closed quarters only. Reads: stays, in_cohort, quarters, days, extracts.
-- Read by: counting.agencies.
with ends as (
    select q.quarter, q.first_on, q.last_on
    from quarters as q
    inner join extracts as e on e.table_name = 'adoptions' and q.last_on <= e.extracted_on
),

present as (
    select distinct i.person, i.atom, e.quarter
    from in_cohort as i
    inner join ends as e on i.from_on <= e.last_on and i.until_on >= e.first_on
),

joined as (
    select distinct s.person, s.atom, e.quarter
    from stays as s
    inner join days as d on s.adopted_on = d.day_on
    inner join ends as e on d.quarter = e.quarter
)

-- Of unbroken times in an atom a day lies within one at most.
select 'in' as of, i.person, i.atom, e.quarter
from in_cohort as i
inner join ends as e on i.from_on <= e.last_on and i.until_on > e.last_on
union all
select 'present', person, atom, quarter from present
union all
select 'joined', person, atom, quarter from joined
