-- Grain: one row per person, atom, quarter and what: the substance of a treatment under way on its last day
-- (in the running quarter: on the day of the extract). Counts people in the cohort on that day.
-- Reads: in_cohort, ends, treatments. Read by: counting.agencies.count.
select distinct i.atom, e.quarter, t.substance as what, i.person, 1 as n
from in_cohort as i
inner join ends as e
    on e.table_name = 'treatments' and i.from_on <= e.last_on and i.until_on > e.last_on
inner join treatments as t
    on
        i.person_id = t.person_id
        and t.started_on <= e.last_on
        and coalesce(t.ended_on, date '9999-12-31') > e.last_on
