-- Grain: one row per person, group, quarter and what, the result. Counts Class A tests.
-- Reads: stays, drug_tests, days. Read by: counting.agencies.count.
select
    s.cohort, s.provider, s.supervision, s.area, d.quarter, t.result as what,
    t.person_id,
    count(distinct t.test_id) as n
from drug_tests as t
inner join stays as s
    on t.person_id = s.person_id and s.adopted_on <= t.tested_on and s.until_on > t.tested_on
inner join days as d on t.tested_on = d.day_on
group by s.cohort, s.provider, s.supervision, s.area, d.quarter, t.result, t.person_id
