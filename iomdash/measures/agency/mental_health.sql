-- Grain: one row per group, quarter and what: 'referred', and of those 'started', and of those
-- 'completed'. Counts referrals and people.
-- Reads: stays, health_spells, days. Read by: measures.agency.count.
with told as (
    select s.*, d.quarter, h.health_id, h.started_on, h.ending
    from health_spells as h
    inner join stays as s
        on
            h.person_id = s.person_id
            and s.until_on > h.referred_on
            and s.adopted_on <= coalesce(h.ended_on, date '9999-12-31')
    inner join days as d on greatest(h.referred_on, s.adopted_on) = d.day_on
),

steps as (
    select *, 'referred' as what from told
    union all
    select *, 'started' from told where started_on is not null
    union all
    select *, 'completed' from told where started_on is not null and ending = 'completed'
)

select
    cohort, provider, supervision, area, quarter, what,
    count(distinct health_id) as n,
    count(distinct person_id) as people
from steps
group by cohort, provider, supervision, area, quarter, what
