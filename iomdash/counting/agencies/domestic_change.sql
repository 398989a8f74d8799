-- Grain: one row per person, atom, quarter of adoption, period ('before' or 'after' it) and what:
-- 'incidents' on days at large. Counts incidents.
-- Reads: exposures, custody, domestic_incidents. Read by: counting.agencies.count.
select
    x.atom, x.quarter, x.period, 'incidents' as what,
    x.person,
    count(distinct i.incident_id) as n
from exposures as x
inner join domestic_incidents as i
    on x.person_id = i.person_id and i.happened_on > x.after_on and i.happened_on <= x.last_on
left join custody as c
    on i.person_id = c.person_id and c.from_on < i.happened_on and c.until_on > i.happened_on
where x.period <> 'earlier' and c.person_id is null
group by x.atom, x.quarter, x.period, x.person
