-- Grain: one row per group, quarter due, agency, site, joint (yes or no) and what, the outcome.
-- Counts appointments and people. Reads: stays, appointments, days. Read by: measures.agency.count.
select
    s.cohort,
    s.provider,
    s.supervision,
    s.area,
    d.quarter,
    a.agency,
    a.site,
    a.joint,
    a.outcome as what,
    count(distinct a.appointment_id) as n,
    count(distinct a.person_id) as people
from appointments as a
inner join stays as s
    on a.person_id = s.person_id and s.adopted_on <= a.due_on and s.until_on > a.due_on
inner join days as d on a.due_on = d.day_on
group by s.cohort, s.provider, s.supervision, s.area, d.quarter, a.agency, a.site, a.joint, a.outcome
