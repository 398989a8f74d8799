-- Grain: one row per person, group, quarter and what, 'breach' or 'recall'. Counts events.
-- Reads: stays, breaches, days. Read by: counting.agencies.count.
select
    s.cohort, s.provider, s.supervision, s.area, d.quarter, b.kind as what,
    b.person_id,
    count(distinct b.breach_id) as n
from breaches as b
inner join stays as s
    on b.person_id = s.person_id and s.adopted_on <= b.breached_on and s.until_on > b.breached_on
inner join days as d on b.breached_on = d.day_on
group by s.cohort, s.provider, s.supervision, s.area, d.quarter, b.kind, b.person_id
