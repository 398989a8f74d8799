-- Grain: one row per person, atom, quarter of adoption, period (see exposures) and what: 'days'
-- at large, 'offences' and 'arrests' on such days. Counts person-days and events.
-- Reads: exposures, offended, custody, arrests. Read by: counting.agencies.count.
select atom, quarter, period, 'offences' as what, person, offences as n from offended
union all
select x.atom, x.quarter, x.period, 'arrests', x.person, count(distinct r.arrest_id)
from exposures as x
inner join arrests as r
    on x.person_id = r.person_id and r.arrested_on > x.after_on and r.arrested_on <= x.last_on
left join custody as c
    on r.person_id = c.person_id and c.from_on < r.arrested_on and c.until_on > r.arrested_on
where c.person_id is null
group by x.atom, x.quarter, x.period, x.person
union all
select atom, quarter, period, 'days', person, cast(sum(days) as bigint)
from exposures
group by atom, quarter, period, person
