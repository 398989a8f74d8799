-- Grain: one row per person, atom, quarter of adoption and period (see exposures), with the number of
-- offences on days at large, of those that the harm index weighs, and their harm in its units. What lies
-- in the periods of two adoptions counts once.
-- Reads: committed. Read by: counting.agencies.count.
select
    atom, quarter, period, person,
    count(*) as offences,
    count(weight) as weighed,
    cast(sum(weight) as bigint) as harm
from (select distinct atom, quarter, period, person, offence_id, weight from committed) as c
group by atom, quarter, period, person
