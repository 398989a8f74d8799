-- Grain: one row per person, group, quarter and what: the kind recorded on its last day (in the running
-- quarter: on the day of the extract), or 'not_recorded'. Counts people in the cohort on that day.
-- Reads: stays, housing_spells, quarters, extracts. Read by: measures.agency.count.
with ends as (
    select q.quarter, least(q.last_on, e.extracted_on) as last_on
    from quarters as q
    inner join extracts as e on e.table_name = 'housing_spells' and q.first_on <= e.extracted_on
)

select
    s.cohort, s.provider, s.supervision, s.area, e.quarter,
    coalesce(r.kind, 'not_recorded') as what,
    s.person_id,
    1 as n
from stays as s
inner join ends as e on s.adopted_on <= e.last_on and s.until_on > e.last_on
left join housing_spells as r
    on
        s.person_id = r.person_id
        and r.from_on <= e.last_on
        and coalesce(r.to_on, date '9999-12-31') > e.last_on
group by s.cohort, s.provider, s.supervision, s.area, e.quarter, coalesce(r.kind, 'not_recorded'), s.person_id
