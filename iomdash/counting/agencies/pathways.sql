-- Grain: one row per person, atom, quarter of assessment, pathway and what: 'assessed', and of those
-- 'need', and of those 'referred', 'started', 'completed'.
-- Counts assessments. Reads: assessed. Read by: counting.agencies.count.
with steps as (
    select
        atom, quarter, pathway, person,
        count(*) as assessed,
        count(*) filter (where need = 'yes') as need,
        count(*) filter (where need = 'yes' and referred_on is not null) as referred,
        count(*) filter (where need = 'yes' and started_on is not null) as started,
        count(*) filter (where need = 'yes' and completed_on is not null) as completed
    from assessed
    group by atom, quarter, pathway, person
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
