-- Grain: one row per person, atom, quarter of the extract, kind and what: 'needed', 'offered', 'started',
-- 'completed'. Counts programmes of people in the cohort at the extract.
-- Reads: in_cohort, programmes, days, extracts. Read by: counting.agencies.count.
with steps as (
    select
        c.atom, d.quarter, p.kind, c.person,
        count(*) filter (where p.needed = 'yes') as needed,
        count(*) filter (where p.offered_on is not null) as offered,
        count(*) filter (where p.started_on is not null) as started,
        count(*) filter (where p.completed_on is not null) as completed
    from programmes as p
    inner join extracts as e on e.table_name = 'programmes'
    inner join in_cohort as c
        on
            p.person_id = c.person_id
            and c.from_on <= e.extracted_on
            and c.until_on > e.extracted_on
    inner join days as d on e.extracted_on = d.day_on
    group by c.atom, d.quarter, p.kind, c.person
)

select atom, quarter, kind, 'needed' as what, person, needed as n from steps where needed > 0
union all
select atom, quarter, kind, 'offered', person, offered from steps where offered > 0
union all
select atom, quarter, kind, 'started', person, started from steps where started > 0
union all
select atom, quarter, kind, 'completed', person, completed from steps where completed > 0
