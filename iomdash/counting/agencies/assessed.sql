-- Grain: one row per assessment of somebody who was in the cohort, with its atom and quarter and the
-- running number of its day. Reads: in_cohort, pathway_needs, days. Read by: counting.agencies.count.
select
    c.atom, d.quarter, c.person, p.pathway, p.need,
    d.number as assessed, p.referred_on, p.started_on, p.completed_on
from pathway_needs as p
inner join in_cohort as c
    on p.person_id = c.person_id and c.from_on <= p.assessed_on and c.until_on > p.assessed_on
inner join days as d on p.assessed_on = d.day_on
