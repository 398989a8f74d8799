-- Grain: one row per person, group, quarter due, agency, site, joint (yes or no) and what, the outcome.
-- Counts appointments. Reads: stays, appointments, days. Read by: counting.agencies.count.
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
    a.person_id,
    count(distinct a.appointment_id) as n
from appointments as a
inner join stays as s
    on a.person_id = s.person_id and s.adopted_on <= a.due_on and s.until_on > a.due_on
inner join days as d on a.due_on = d.day_on
group by s.cohort, s.provider, s.supervision, s.area, d.quarter, a.agency, a.site, a.joint, a.outcome, a.person_id
