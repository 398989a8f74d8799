-- Grain: one row per person, atom, quarter of assessment, pathway, step ('referred' since the assessment,
-- 'started' since the referral) and what: steps of a need taken within 2, 4, 8 and 16 weeks, of whoever
-- waited 3 weeks also those within 4, 8 and 16. Counts assessments. Reads: in_cohort, pathway_needs, days.
-- Read by: counting.agencies.count.
with needs as (
    select
        c.atom, d.quarter, c.person, p.pathway,
        d.number as assessed, r.number as referred, t.number as started
    from pathway_needs as p
    inner join in_cohort as c
        on p.person_id = c.person_id and c.from_on <= p.assessed_on and c.until_on > p.assessed_on
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
    select
        atom, quarter, pathway, step, person,
        count(*) filter (where days <= 14) as weeks_2,
        count(*) filter (where days <= 28) as weeks_4,
        count(*) filter (where days <= 56) as weeks_8,
        count(*) filter (where days <= 112) as weeks_16
    from waited
    group by atom, quarter, pathway, step, person
)

select atom, quarter, pathway, step, 'weeks_2' as what, person, weeks_2 as n from within_weeks where weeks_2 > 0
union all
select atom, quarter, pathway, step, 'weeks_4', person, weeks_4 from within_weeks where weeks_4 > 0
union all
select atom, quarter, pathway, step, 'weeks_8', person, weeks_8 from within_weeks where weeks_8 > 0
union all
select atom, quarter, pathway, step, 'weeks_16', person, weeks_16 from within_weeks where weeks_16 > 0
