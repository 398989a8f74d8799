-- Grain: one row per person, group, quarter of the extract, kind and what: 'needed', 'offered', 'started',
-- 'completed'. Counts programmes of people in the cohort at the extract.
-- Reads: stays, programmes, days, extracts. Read by: counting.agencies.count.
with current as (
    select s.*, d.quarter, p.programme_id, p.kind, p.needed, p.offered_on, p.started_on, p.completed_on
    from programmes as p
    inner join extracts as e on e.table_name = 'programmes'
    inner join stays as s
        on
            p.person_id = s.person_id
            and s.adopted_on <= e.extracted_on
            and s.until_on > e.extracted_on
    inner join days as d on e.extracted_on = d.day_on
),

steps as (
    select *, 'needed' as what from current where needed = 'yes'
    union all
    select *, 'offered' from current where offered_on is not null
    union all
    select *, 'started' from current where started_on is not null
    union all
    select *, 'completed' from current where completed_on is not null
)

select
    cohort, provider, supervision, area, quarter, kind, what,
    person_id,
    count(distinct programme_id) as n
from steps
group by cohort, provider, supervision, area, quarter, kind, what, person_id
