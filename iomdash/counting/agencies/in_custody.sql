-- Grain: one row per person, atom, quarter and what, 'in_custody' or 'at_large' on its last day (in the
-- running quarter: on the day of the extract). Counts people in the cohort on that day.
-- Reads: in_cohort, ends, custody. Read by: counting.agencies.count.
select
    i.atom, e.quarter,
    case when c.person_id is null then 'at_large' else 'in_custody' end as what,
    i.person,
    1 as n
from in_cohort as i
inner join ends as e
    on e.table_name = 'custody_spells' and i.from_on <= e.last_on and i.until_on > e.last_on
left join custody as c
    on i.person_id = c.person_id and c.from_on <= e.last_on and c.until_on > e.last_on
