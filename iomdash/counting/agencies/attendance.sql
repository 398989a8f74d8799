-- Grain: one row per person, atom, quarter due, agency, site, joint (yes or no) and what, the outcome.
-- Counts appointments.
-- Reads: in_cohort, appointments, days. Read by: counting.agencies.count.
select
    c.atom, d.quarter, a.agency, a.site, a.joint, a.outcome as what,
    c.person,
    count(*) as n
from appointments as a
inner join in_cohort as c
    on a.person_id = c.person_id and c.from_on <= a.due_on and c.until_on > a.due_on
inner join days as d on a.due_on = d.day_on
group by c.atom, d.quarter, a.agency, a.site, a.joint, a.outcome, c.person
