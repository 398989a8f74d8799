-- Grain: one row per person, group, quarter of adoption, period (see exposures) and what: 'days'
-- at large, 'offences' and 'arrests' on such days. Counts person-days and events.
-- Reads: exposures, custody, offences, arrests. Read by: counting.agencies.count.
with events as (
    select person_id, committed_on as day_on, 'offences' as what, offence_id as event_id from offences
    union all
    select person_id, arrested_on, 'arrests', arrest_id from arrests
),

counted_events as (
    select x.*, e.what, e.event_id
    from exposures as x
    inner join events as e
        on x.person_id = e.person_id and e.day_on > x.after_on and e.day_on <= x.last_on
    where not exists (
        select 1 from custody as c
        where c.person_id = e.person_id and c.from_on < e.day_on and c.until_on > e.day_on
    )
)

select
    cohort, provider, supervision, area, quarter, period, what,
    person_id,
    count(distinct event_id) as n
from counted_events
group by cohort, provider, supervision, area, quarter, period, what, person_id
union all
select
    cohort, provider, supervision, area, quarter, period, 'days' as what,
    person_id,
    cast(sum(days) as bigint) as n
from exposures
group by cohort, provider, supervision, area, quarter, period, person_id
