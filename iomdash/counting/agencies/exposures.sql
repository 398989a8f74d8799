-- Grain: one row per adoption and period, the 12 months 'before' it and the 12 'after' it, as far
-- as the extracts reach, and 'earlier' the 12 that end a year before it, of adoptions whose 24 months
-- begin with the first offence on record or later: before that, nothing recorded says nothing.
-- after_on is outside the period (the day of adoption belongs to 'before'), last_on within it; days
-- are those at large. The day of entering custody is a day at large.
-- Reads: stays, custody, offences, days, extracts. Read by: counting.agencies.count.
with reach as (
    select min(extracted_on) as reach_on
    from extracts
    where table_name in ('offences', 'arrests', 'custody_spells')
),

begun as (
    select min(committed_on) as first_on
    from offences
),

spans as (
    select
        s.adoption_id, s.person_id, s.person, s.atom, s.adopted_on,
        'earlier' as period,
        cast(s.adopted_on - interval '24' month as date) as after_on,
        cast(s.adopted_on - interval '12' month as date) as last_on
    from stays as s
    inner join reach as r on s.adopted_on < r.reach_on
    inner join begun as b on cast(s.adopted_on - interval '24' month as date) >= b.first_on
    union all
    select
        s.adoption_id, s.person_id, s.person, s.atom, s.adopted_on,
        'before',
        cast(s.adopted_on - interval '12' month as date),
        s.adopted_on
    from stays as s
    inner join reach as r on s.adopted_on < r.reach_on
    union all
    select
        s.adoption_id, s.person_id, s.person, s.atom, s.adopted_on,
        'after',
        s.adopted_on,
        least(cast(s.adopted_on + interval '12' month as date), r.reach_on)
    from stays as s
    inner join reach as r on s.adopted_on < r.reach_on
),

inside as (
    select
        s.adoption_id,
        s.period,
        greatest(c.from_on, s.after_on) as from_on,
        least(cast(c.until_on - interval '1' day as date), s.last_on) as until_on
    from spans as s
    inner join custody as c
        on s.person_id = c.person_id and c.from_on < s.last_on and c.until_on > s.after_on
),

away as (
    select i.adoption_id, i.period, sum(u.number - f.number) as days
    from inside as i
    inner join days as f on i.from_on = f.day_on
    inner join days as u on i.until_on = u.day_on
    where i.until_on > i.from_on
    group by i.adoption_id, i.period
)

select
    s.*,
    q.quarter,
    l.number - f.number - coalesce(a.days, 0) as days
from spans as s
inner join days as f on s.after_on = f.day_on
inner join days as l on s.last_on = l.day_on
inner join days as q on s.adopted_on = q.day_on
left join away as a on s.adoption_id = a.adoption_id and s.period = a.period
