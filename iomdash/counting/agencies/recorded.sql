-- Grain: one row per table of spells, person, atom, quarter and what: the kind recorded on its last day (in
-- the running quarter: on the day of the extract), or 'not_recorded'. Counts people in the cohort on that day.
-- Reads: in_cohort, ends, housing_spells, work_spells, children_spells. Read by: counting.agencies.count.
with spells as (
    select 'housing_spells' as table_name, person_id, kind, from_on, to_on from housing_spells
    union all
    select 'work_spells', person_id, kind, from_on, to_on from work_spells
    union all
    select 'children_spells', person_id, level, from_on, to_on from children_spells
)

select distinct
    e.table_name, i.atom, e.quarter,
    coalesce(r.kind, 'not_recorded') as what,
    i.person,
    1 as n
from in_cohort as i
inner join ends as e
    on
        e.table_name in ('housing_spells', 'work_spells', 'children_spells')
        and i.from_on <= e.last_on
        and i.until_on > e.last_on
left join spells as r
    on
        e.table_name = r.table_name
        and i.person_id = r.person_id
        and r.from_on <= e.last_on
        and coalesce(r.to_on, date '9999-12-31') > e.last_on
