-- Grain: one row per person, group, quarter of assessment, pathway and what: 'assessed', and of those
-- 'need', and of those 'referred', 'started', 'completed'.
-- Counts assessments. Reads: stays, pathway_needs, days. Read by: counting.agencies.count.
with assessments as (
    select s.*, d.quarter, p.need_id, p.pathway, p.need, p.referred_on, p.started_on, p.completed_on
    from pathway_needs as p
    inner join stays as s
        on p.person_id = s.person_id and s.adopted_on <= p.assessed_on and s.until_on > p.assessed_on
    inner join days as d on p.assessed_on = d.day_on
),

steps as (
    select *, 'assessed' as what from assessments
    union all
    select *, 'need' from assessments where need = 'yes'
    union all
    select *, 'referred' from assessments where need = 'yes' and referred_on is not null
    union all
    select *, 'started' from assessments where need = 'yes' and started_on is not null
    union all
    select *, 'completed' from assessments where need = 'yes' and completed_on is not null
)

select
    cohort,
    provider,
    supervision,
    area,
    quarter,
    pathway,
    what,
    person_id,
    count(distinct need_id) as n
from steps
group by cohort, provider, supervision, area, quarter, pathway, what, person_id
