-- Grain: one row per person, group, quarter of adoption, period (see exposures) and what: offences
-- that the index 'weighed', their 'harm' in its units, and those that it leaves 'unweighed'.
-- Counts offences and units of harm. Reads: exposures, custody, offences, weights.
-- Read by: counting.agencies.count.
with committed as (
    select distinct
        x.cohort, x.provider, x.supervision, x.area, x.quarter, x.period,
        x.person_id, o.offence_id, w.weight
    from exposures as x
    inner join offences as o
        on x.person_id = o.person_id and o.committed_on > x.after_on and o.committed_on <= x.last_on
    left join weights as w on o.harm_group = w.harm_group
    where not exists (
        select 1 from custody as c
        where c.person_id = o.person_id and c.from_on < o.committed_on and c.until_on > o.committed_on
    )
)

select
    cohort, provider, supervision, area, quarter, period,
    case when weight is null then 'unweighed' else 'weighed' end as what,
    person_id,
    count(*) as n
from committed
group by cohort, provider, supervision, area, quarter, period,
    case when weight is null then 'unweighed' else 'weighed' end, person_id
union all
select
    cohort, provider, supervision, area, quarter, period, 'harm',
    person_id,
    cast(sum(weight) as bigint)
from committed
where weight is not null
group by cohort, provider, supervision, area, quarter, period, person_id
