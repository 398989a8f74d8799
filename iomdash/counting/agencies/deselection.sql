-- Grain: one row per person, atom, quarter and what: six months clear at its end (in the running quarter:
-- on the day that all extracts reach), or left in it as such, and of those the ones whose records
-- agree. Counts stays.
-- Reads: stays, custody, offences, quarters, days, extracts. Read by: counting.agencies.count.
with reach as (
    select min(extracted_on) as reach_on
    from extracts
    where table_name in ('adoptions', 'offences', 'custody_spells')
),

ends as (
    select q.quarter, least(q.last_on, r.reach_on) as end_on
    from quarters as q
    inner join reach as r on q.first_on <= r.reach_on
),

moments as (
    select s.*, e.quarter, 'eligible' as what, e.end_on as seen_on
    from stays as s
    inner join ends as e
        on cast(s.adopted_on + interval '6' month as date) <= e.end_on and s.until_on > e.end_on
    union all
    select s.*, d.quarter, 'deselected_clear', s.left_on
    from stays as s
    inner join days as d on s.left_on = d.day_on
    inner join reach as r on s.left_on <= r.reach_on
    where s.left_reason = 'six_months_clear'
),

clear as (
    select m.atom, m.quarter, m.what, m.adoption_id, m.person
    from moments as m
    where
        not exists (
            select 1 from offences as o
            where
                o.person_id = m.person_id
                and cast(o.committed_on + interval '6' month as date) > m.seen_on
                and o.committed_on <= m.seen_on
        )
        and not exists (
            select 1 from custody as c
            where
                c.person_id = m.person_id
                and cast(c.until_on + interval '6' month as date) > m.seen_on
                and c.from_on <= m.seen_on
        )
    union all
    select s.atom, d.quarter, 'deselected', s.adoption_id, s.person
    from stays as s
    inner join days as d on s.left_on = d.day_on
    where s.left_reason = 'six_months_clear'
)

select
    atom, quarter, what,
    person,
    count(*) as n
from clear
group by atom, quarter, what, person
