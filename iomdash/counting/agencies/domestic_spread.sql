-- Grain: one row per person, group, quarter of adoption, period ('before' or 'after' it) and what: sums over
-- adoptions of products of one's days at large and incidents, for the interval of their rate.
-- Counts products. Reads: exposures, custody, domestic_incidents. Read by: counting.agencies.count.
with happened as (
    select x.adoption_id, x.period, count(*) as incidents
    from exposures as x
    inner join domestic_incidents as i
        on x.person_id = i.person_id and i.happened_on > x.after_on and i.happened_on <= x.last_on
    where
        x.period <> 'earlier'
        and not exists (
            select 1 from custody as c
            where c.person_id = i.person_id and c.from_on < i.happened_on and c.until_on > i.happened_on
        )
    group by x.adoption_id, x.period
),

products as (
    select x.*, 'incidents_squared' as what, h.incidents * h.incidents as product
    from exposures as x
    inner join happened as h on x.adoption_id = h.adoption_id and x.period = h.period
    union all
    select x.*, 'incidents_days', h.incidents * x.days
    from exposures as x
    inner join happened as h on x.adoption_id = h.adoption_id and x.period = h.period
)

select
    cohort, provider, supervision, area, quarter, period, what,
    person_id,
    cast(sum(product) as bigint) as n
from products
where product > 0
group by cohort, provider, supervision, area, quarter, period, what, person_id
