-- Grain: one row per person, atom, quarter of assessment, pathway and what: 'assessed', and of those
-- 'need', and of those 'referred', 'started', 'completed'.
-- Counts assessments. Reads: in_cohort, pathway_needs, days. Read by: counting.agencies.count.
with steps as (
    select
        c.atom, d.quarter, p.pathway, c.person,
        count(*) as assessed,
        count(*) filter (where p.need = 'yes') as need,
        count(*) filter (where p.need = 'yes' and p.referred_on is not null) as referred,
        count(*) filter (where p.need = 'yes' and p.started_on is not null) as started,
        count(*) filter (where p.need = 'yes' and p.completed_on is not null) as completed
    from pathway_needs as p
    inner join in_cohort as c
        on p.person_id = c.person_id and c.from_on <= p.assessed_on and c.until_on > p.assessed_on
    inner join days as d on p.assessed_on = d.day_on
    group by c.atom, d.quarter, p.pathway, c.person
)

select atom, quarter, pathway, 'assessed' as what, person, assessed as n from steps
union all
select atom, quarter, pathway, 'need', person, need from steps where need > 0
union all
select atom, quarter, pathway, 'referred', person, referred from steps where referred > 0
union all
select atom, quarter, pathway, 'started', person, started from steps where started > 0
union all
select atom, quarter, pathway, 'completed', person, completed from steps where completed > 0
