-- Grain: one row per person, atom, quarter and what, 'breach' or 'recall'. Counts events.
-- Reads: in_cohort, breaches, days. Read by: counting.agencies.count.
select
    c.atom, d.quarter, b.kind as what,
    c.person,
    count(*) as n
from breaches as b
inner join in_cohort as c
    on b.person_id = c.person_id and c.from_on <= b.breached_on and c.until_on > b.breached_on
inner join days as d on b.breached_on = d.day_on
group by c.atom, d.quarter, b.kind, c.person
