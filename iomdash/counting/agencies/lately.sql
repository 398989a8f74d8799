-- Grain: one row per person, atom, quarter and what, 'offended'. Counts people in the cohort on its last
-- day (in the running quarter: on the day of the extract) who offended in it while in the cohort.
-- Reads: stays, offences, ends, days. Read by: counting.agencies.count.
select distinct s.atom, e.quarter, 'offended' as what, s.person, 1 as n
from stays as s
inner join ends as e
    on e.table_name = 'offences' and s.adopted_on <= e.last_on and s.until_on > e.last_on
inner join offences as o
    on s.person_id = o.person_id and o.committed_on between s.adopted_on and e.last_on
inner join days as d on o.committed_on = d.day_on and e.quarter = d.quarter
