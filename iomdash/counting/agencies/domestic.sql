-- Grain: one row per person, group, quarter risk of the incident and what, 'incidents'. Counts
-- incidents.
-- Reads: stays, domestic_incidents, days. Read by: counting.agencies.count.
select
    s.cohort, s.provider, s.supervision, s.area, d.quarter, i.risk, 'incidents' as what,
    i.person_id,
    count(distinct i.incident_id) as n
from domestic_incidents as i
inner join stays as s
    on i.person_id = s.person_id and s.adopted_on <= i.happened_on and s.until_on > i.happened_on
inner join days as d on i.happened_on = d.day_on
group by s.cohort, s.provider, s.supervision, s.area, d.quarter, i.risk, i.person_id
