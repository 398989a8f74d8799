-- Grain: one row per unbroken time of one person in one atom; stays that overlap or touch are one.
-- until_on is the day of leaving, on which the person is no longer in.
-- Reads: stays. Read by: counting.agencies.count.
with met as (
    select
        person_id, person, atom, adopted_on, until_on,
        max(until_on) over (
            partition by person_id, atom order by adopted_on nulls last, until_on nulls last
            rows between unbounded preceding and 1 preceding
        ) as earlier_on
    from stays
),

numbered as (
    select
        person_id, person, atom, adopted_on, until_on,
        sum(case when earlier_on >= adopted_on then 0 else 1 end) over (
            partition by person_id, atom order by adopted_on nulls last, until_on nulls last
            rows between unbounded preceding and current row
        ) as stay
    from met
)

select person_id, person, atom, min(adopted_on) as from_on, max(until_on) as until_on
from numbered
group by person_id, person, atom, stay
