-- Grain: one row per adoption, period 'before' or 'after' it (see exposures) and domestic incident in it on
-- a day at large. Reads: exposures, custody, domestic_incidents. Read by: counting.agencies.count.
select x.adoption_id, x.atom, x.person, x.quarter, x.period, x.days, i.incident_id
from exposures as x
inner join domestic_incidents as i
    on x.person_id = i.person_id and i.happened_on > x.after_on and i.happened_on <= x.last_on
left join custody as c
    on i.person_id = c.person_id and c.from_on < i.happened_on and c.until_on > i.happened_on
where x.period <> 'earlier' and c.person_id is null
