-- Grain: one row per adoption and period (see exposures), with the number of its offences on days at
-- large and their harm. Reads: exposures, committed. Read by: counting.agencies.count.
with added as (
    select adoption_id, period, count(*) as offences, sum(coalesce(weight, 0)) as harm
    from committed
    group by adoption_id, period
)

select
    x.adoption_id, x.atom, x.person, x.quarter, x.period, x.days,
    coalesce(a.offences, 0) as offences,
    coalesce(a.harm, 0) as harm
from exposures as x
left join added as a on x.adoption_id = a.adoption_id and x.period = a.period
