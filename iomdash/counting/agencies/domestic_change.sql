-- Grain: one row per person, atom, quarter of adoption, period ('before' or 'after' it) and what:
-- 'incidents' on days at large. Counts incidents.
-- Reads: happened. Read by: counting.agencies.count.
select atom, quarter, period, 'incidents' as what, person, count(distinct incident_id) as n
from happened
group by atom, quarter, period, person
