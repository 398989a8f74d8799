-- Grain: one row per person, group, quarter and what: 'referred', and of those 'started', and of those
-- 'completed'. Counts referrals.
-- Reads: stays, health_spells, days. Read by: counting.agencies.count.
with referrals as (
    select s.*, d.quarter, h.health_id, h.started_on, h.ending
    from health_spells as h
    inner join stays as s
        on
            h.person_id = s.person_id
            and s.until_on > h.referred_on
            and (
                s.adopted_on <= h.referred_on
                or s.adopted_on < coalesce(h.ended_on, date '9999-12-31')
            )
    inner join days as d on greatest(h.referred_on, s.adopted_on) = d.day_on
),

steps as (
    select *, 'referred' as what from referrals
    union all
    select *, 'started' from referrals where started_on is not null
    union all
    select *, 'completed' from referrals where started_on is not null and ending = 'completed'
)

select
    cohort, provider, supervision, area, quarter, what,
    person_id,
    count(distinct health_id) as n
from steps
group by cohort, provider, supervision, area, quarter, what, person_id
