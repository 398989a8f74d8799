-- Grain: one row per person, group, quarter of adoption, period (see exposures) and what: sums over
-- adoptions of products of one's days at large with one's offences and their harm, for the intervals
-- of their rates. Counts products. Reads: exposures, custody, offences, weights.
-- Read by: counting.agencies.count.
with committed as (
    select x.adoption_id, x.period, count(*) as offences, sum(coalesce(w.weight, 0)) as harm
    from exposures as x
    inner join offences as o
        on x.person_id = o.person_id and o.committed_on > x.after_on and o.committed_on <= x.last_on
    left join weights as w on o.harm_group = w.harm_group
    where not exists (
        select 1 from custody as c
        where c.person_id = o.person_id and c.from_on < o.committed_on and c.until_on > o.committed_on
    )
    group by x.adoption_id, x.period
),

exposed as (
    select x.*, coalesce(c.offences, 0) as offences, coalesce(c.harm, 0) as harm
    from exposures as x
    left join committed as c on x.adoption_id = c.adoption_id and x.period = c.period
),

products as (
    select *, 'adoptions' as what, 1 as product from exposed
    union all
    select *, 'offences_squared', offences * offences from exposed
    union all
    select *, 'offences_days', offences * days from exposed
    union all
    select *, 'days_squared', days * days from exposed
    union all
    select *, 'harm_squared', harm * harm from exposed
    union all
    select *, 'harm_days', harm * days from exposed
)

select
    cohort, provider, supervision, area, quarter, period, what,
    person_id,
    cast(sum(product) as bigint) as n
from products
where product > 0
group by cohort, provider, supervision, area, quarter, period, what, person_id
