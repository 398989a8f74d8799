-- Grain: one row per person, group, quarter of assessment, pathway, step ('referred' since the assessment,
-- 'started' since the referral) and what: steps of a need taken within 2, 4, 8 and 16 weeks, of whoever
-- waited 3 weeks also those within 4, 8 and 16. Counts assessments. Reads: stays, pathway_needs, days.
-- Read by: counting.agencies.count.
with needs as (
    select
        s.cohort, s.provider, s.supervision, s.area, d.quarter, p.person_id, p.need_id, p.pathway,
        d.number as assessed, r.number as referred, t.number as started
    from pathway_needs as p
    inner join stays as s
        on p.person_id = s.person_id and s.adopted_on <= p.assessed_on and s.until_on > p.assessed_on
    inner join days as d on p.assessed_on = d.day_on
    inner join days as r on p.referred_on = r.day_on
    left join days as t on p.started_on = t.day_on
    where p.need = 'yes'
),

waited as (
    select *, 'referred' as step, referred - assessed as days from needs
    union all
    select *, 'started', started - referred from needs where started is not null
),

within_weeks as (
    select *, 'weeks_2' as what from waited where days <= 14
    union all
    select *, 'weeks_4' from waited where days <= 28
    union all
    select *, 'weeks_8' from waited where days <= 56
    union all
    select *, 'weeks_16' from waited where days <= 112
)

select
    cohort, provider, supervision, area, quarter, pathway, step, what,
    person_id,
    count(distinct need_id) as n
from within_weeks
group by cohort, provider, supervision, area, quarter, pathway, step, what, person_id
