-- Grain: one row per person, atom, quarter of the index date, month since then (1 is the first) and what:
-- people whose first offence fell in it ('events'), who went into 'custody' in it before any, or who were
-- last seen in it ('censored').
-- Counts people. Reads: indexed, custody, offences, days, extracts.
-- Read by: counting.agencies.count.
with reach as (
    select min(extracted_on) as reach_on
    from extracts
    where table_name in ('offences', 'custody_spells')
),

followed as (
    select
        i.*,
        r.reach_on,
        row_number() over (
            partition by i.person_id
            order by i.index_on nulls last, i.adoption_id nulls last
        ) as place
    from indexed as i
    inner join reach as r on i.index_on < r.reach_on
),

firsts as (
    select i.*, d.quarter
    from followed as i
    inner join days as d on i.index_on = d.day_on
    where i.place = 1
),

offended as (
    select f.adoption_id, min(o.committed_on) as offence_on
    from firsts as f
    inner join offences as o on f.person_id = o.person_id and o.committed_on > f.index_on
    group by f.adoption_id
),

taken as (
    select f.adoption_id, min(c.from_on) as custody_on
    from firsts as f
    inner join custody as c on f.person_id = c.person_id and c.from_on > f.index_on
    group by f.adoption_id
),

seen as (
    select
        f.*,
        o.offence_on,
        t.custody_on,
        least(
            f.reach_on,
            coalesce(t.custody_on, f.reach_on),
            cast(f.index_on + interval '36' month as date)
        ) as last_on
    from firsts as f
    left join offended as o on f.adoption_id = o.adoption_id
    left join taken as t on f.adoption_id = t.adoption_id
),

ended as (
    select
        *,
        case
            when offence_on <= last_on then 'events'
            when custody_on <= last_on then 'custody'
            else 'censored'
        end as what,
        least(coalesce(offence_on, last_on), last_on) as end_on
    from seen
),

-- Months begin on the index date: whole ones are as many as the calendar counts, or one fewer.
placed as (
    select
        *,
        12 * (year(end_on) - year(index_on)) + month(end_on) - month(index_on) as months
    from ended
)

select
    atom,
    quarter,
    case when end_on > index_on + months * interval '1' month then months + 1 else months end as month,
    what,
    person,
    1 as n
from placed
