-- Grain: one row per person, atom, quarter of adoption, period ('before' or 'after' it) and what: sums over
-- adoptions of products of one's days at large and incidents, for the interval of their rate.
-- Counts products. Reads: happened. Read by: counting.agencies.count.
with added as (
    select adoption_id, atom, quarter, person, period, days, count(*) as incidents
    from happened
    group by adoption_id, atom, quarter, person, period, days
),

products as (
    select *, 'incidents_squared' as what, incidents * incidents as product from added
    union all
    select *, 'incidents_days', incidents * days from added
)

select
    atom, quarter, period, what,
    person,
    cast(sum(product) as bigint) as n
from products
where product > 0
group by atom, quarter, period, what, person
