-- Grain: one row per person, group, quarter and what, 'in_custody' or 'at_large' on its last day (in the
-- running quarter: on the day of the extract). Counts people in the cohort on that day.
-- Reads: stays, custody, ends. Read by: counting.agencies.count.
select
    s.cohort, s.provider, s.supervision, s.area, e.quarter,
    case when c.person_id is null then 'at_large' else 'in_custody' end as what,
    s.person_id,
    1 as n
from stays as s
inner join ends as e
    on e.table_name = 'custody_spells' and s.adopted_on <= e.last_on and s.until_on > e.last_on
left join custody as c
    on s.person_id = c.person_id and c.from_on <= e.last_on and c.until_on > e.last_on
group by
    s.cohort, s.provider, s.supervision, s.area, e.quarter,
    case when c.person_id is null then 'at_large' else 'in_custody' end, s.person_id
