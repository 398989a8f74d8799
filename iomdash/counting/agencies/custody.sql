-- Grain: one row per unbroken time of one person in custody; spells that overlap or touch are one.
-- From the first day to the day of release, which is a day at large. Reads: custody_spells.
-- Read by: counting.agencies.count.
with spells as (
    select person_id, from_on, coalesce(to_on, date '9999-12-31') as until_on
    from custody_spells
),

met as (
    select
        person_id,
        from_on,
        until_on,
        max(until_on) over (
            partition by person_id order by from_on nulls last, until_on nulls last
            rows between unbounded preceding and 1 preceding
        ) as earlier_on
    from spells
),

numbered as (
    select
        person_id,
        from_on,
        until_on,
        sum(case when earlier_on >= from_on then 0 else 1 end) over (
            partition by person_id order by from_on nulls last, until_on nulls last
            rows between unbounded preceding and current row
        ) as spell
    from met
)

select
    person_id,
    min(from_on) as from_on,
    max(until_on) as until_on
from numbered
group by person_id, spell
