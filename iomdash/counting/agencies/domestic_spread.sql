-- Grain: one row per person, atom, quarter of adoption, period ('before' or 'after' it) and what: sums over
-- adoptions of products of one's days at large and incidents, for the interval of their rate.
-- Counts products. Reads: exposures, custody, domestic_incidents. Read by: counting.agencies.count.
with happened as (
    select x.atom, x.quarter, x.person, x.period, x.adoption_id, x.days, count(*) as incidents
    from exposures as x
    inner join domestic_incidents as i
        on x.person_id = i.person_id and i.happened_on > x.after_on and i.happened_on <= x.last_on
    left join custody as c
        on i.person_id = c.person_id and c.from_on < i.happened_on and c.until_on > i.happened_on
    where x.period <> 'earlier' and c.person_id is null
    group by x.atom, x.quarter, x.person, x.period, x.adoption_id, x.days
),

products as (
    select *, 'incidents_squared' as what, incidents * incidents as product from happened
    union all
    select *, 'incidents_days', incidents * days from happened
)

select
    atom, quarter, period, what,
    person,
    cast(sum(product) as bigint) as n
from products
where product > 0
group by atom, quarter, period, what, person
