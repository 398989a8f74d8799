-- Grain: one row per person, group, quarter, substance and what: 'referred', and of those 'started', and of
-- those 'stayed' 12 weeks or completed before, 'too_early' to say, 'completed'.
-- Counts treatments. Reads: stays, treatments, days, extracts.
-- Read by: counting.agencies.count.
with courses as (
    select
        s.*, d.quarter, t.treatment_id, t.substance, t.started_on, t.ended_on, t.ending,
        coalesce(t.ended_on, e.extracted_on) >= t.started_on + interval '84' day as long_enough
    from treatments as t
    inner join stays as s
        on
            t.person_id = s.person_id
            and s.until_on > t.referred_on
            and (
                s.adopted_on <= t.referred_on
                or s.adopted_on < coalesce(t.ended_on, date '9999-12-31')
            )
    inner join days as d on greatest(t.referred_on, s.adopted_on) = d.day_on
    inner join extracts as e on e.table_name = 'treatments'
),

steps as (
    select *, 'referred' as what from courses
    union all
    select *, 'started' from courses where started_on is not null
    union all
    select *, 'stayed' from courses where started_on is not null and (long_enough or ending = 'completed')
    union all
    select *, 'too_early' from courses where started_on is not null and not long_enough and ended_on is null
    union all
    select *, 'completed' from courses where started_on is not null and ending = 'completed'
)

select
    cohort, provider, supervision, area, quarter, substance, what,
    person_id,
    count(distinct treatment_id) as n
from steps
group by cohort, provider, supervision, area, quarter, substance, what, person_id
