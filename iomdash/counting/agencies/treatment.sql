-- Grain: one row per person, atom, quarter, substance and what: 'referred', and of those 'started', and of
-- those 'stayed' 12 weeks or completed before, 'too_early' to say, 'completed'.
-- Counts treatments. Reads: stays, treatments, days, extracts.
-- Read by: counting.agencies.count.
with courses as (
    select distinct
        s.atom, d.quarter, s.person, t.treatment_id, t.substance, t.started_on, t.ended_on, t.ending,
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
    select
        atom, quarter, substance, person,
        count(*) as referred,
        count(*) filter (where started_on is not null) as started,
        count(*) filter (where started_on is not null and (long_enough or ending = 'completed')) as stayed,
        count(*) filter (where started_on is not null and not long_enough and ended_on is null) as too_early,
        count(*) filter (where started_on is not null and ending = 'completed') as completed
    from courses
    group by atom, quarter, substance, person
)

select atom, quarter, substance, 'referred' as what, person, referred as n from steps
union all
select atom, quarter, substance, 'started', person, started from steps where started > 0
union all
select atom, quarter, substance, 'stayed', person, stayed from steps where stayed > 0
union all
select atom, quarter, substance, 'too_early', person, too_early from steps where too_early > 0
union all
select atom, quarter, substance, 'completed', person, completed from steps where completed > 0
