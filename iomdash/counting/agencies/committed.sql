-- Grain: one row per adoption, period (see exposures) and offence in it on a day at large. The weight is
-- that of the harm index, null where it is open.
-- Reads: exposures, custody, offences, weights. Read by: counting.agencies.count.
select x.adoption_id, x.atom, x.person, x.quarter, x.period, o.offence_id, w.weight
from exposures as x
inner join offences as o
    on x.person_id = o.person_id and o.committed_on > x.after_on and o.committed_on <= x.last_on
left join weights as w on o.harm_group = w.harm_group
-- Of unbroken times in custody a day lies within one at most.
left join custody as c
    on o.person_id = c.person_id and c.from_on < o.committed_on and c.until_on > o.committed_on
where c.person_id is null
