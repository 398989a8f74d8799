-- Grain: one row per person, atom, quarter and what: 'referred', and of those 'started', and of those
-- 'completed'. Counts referrals.
-- Reads: stays, health_spells, days. Read by: counting.agencies.count.
with referrals as (
    select distinct s.atom, d.quarter, s.person, h.health_id, h.started_on, h.ending
    from health_spells as h
    inner join stays as s
        on
            h.person_id = s.person_id
            and s.until_on > h.referred_on
            and (
                s.adopted_on <= h.referred_on
                or s.adopted_on < coalesce(h.ended_on, date '9999-12-31')
            )
    inner join days as d on greatest(h.referred_on, s.adopted_on) = d.day_on
),

steps as (
    select
        atom, quarter, person,
        count(*) as referred,
        count(*) filter (where started_on is not null) as started,
        count(*) filter (where started_on is not null and ending = 'completed') as completed
    from referrals
    group by atom, quarter, person
)

select atom, quarter, 'referred' as what, person, referred as n from steps
union all
select atom, quarter, 'started', person, started from steps where started > 0
union all
select atom, quarter, 'completed', person, completed from steps where completed > 0
