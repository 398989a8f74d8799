-- Grain: one row per person, group, quarter and what: the substance of a treatment under way on its last day
-- (in the running quarter: on the day of the extract). Counts people in the cohort on that day.
-- Reads: stays, treatments, ends. Read by: counting.agencies.count.
select
    s.cohort, s.provider, s.supervision, s.area, e.quarter, t.substance as what,
    s.person_id,
    1 as n
from stays as s
inner join ends as e
    on e.table_name = 'treatments' and s.adopted_on <= e.last_on and s.until_on > e.last_on
inner join treatments as t
    on
        s.person_id = t.person_id
        and t.started_on <= e.last_on
        and coalesce(t.ended_on, date '9999-12-31') > e.last_on
group by s.cohort, s.provider, s.supervision, s.area, e.quarter, t.substance, s.person_id
