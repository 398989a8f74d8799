-- Grain: one row per person, atom, quarter, risk of the incident and what, 'incidents'. Counts incidents.
-- Reads: in_cohort, domestic_incidents, days. Read by: counting.agencies.count.
select
    c.atom, d.quarter, i.risk, 'incidents' as what,
    c.person,
    count(*) as n
from domestic_incidents as i
inner join in_cohort as c
    on i.person_id = c.person_id and c.from_on <= i.happened_on and c.until_on > i.happened_on
inner join days as d on i.happened_on = d.day_on
group by c.atom, d.quarter, i.risk, c.person
