-- Grain: one row per person, atom, quarter of assessment, pathway, step ('referred' since the assessment,
-- 'started' since the referral) and what: steps of a need taken within 2, 4, 8 and 16 weeks, of whoever
-- waited 3 weeks also those within 4, 8 and 16. Counts assessments. Reads: assessed, days.
-- Read by: counting.agencies.count.
with needs as (
    select
        a.atom, a.quarter, a.person, a.pathway,
        a.assessed, r.number as referred, t.number as started
    from assessed as a
    inner join days as r on a.referred_on = r.day_on
    left join days as t on a.started_on = t.day_on
    where a.need = 'yes'
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
