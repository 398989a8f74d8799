-- Grain: one row per person, atom, quarter and what, the result. Counts Class A tests.
-- Reads: in_cohort, drug_tests, days. Read by: counting.agencies.count.
select
    c.atom, d.quarter, t.result as what,
    c.person,
    count(*) as n
from drug_tests as t
inner join in_cohort as c
    on t.person_id = c.person_id and c.from_on <= t.tested_on and c.until_on > t.tested_on
inner join days as d on t.tested_on = d.day_on
group by c.atom, d.quarter, t.result, c.person
