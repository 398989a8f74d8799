-- Grain: one row per person, atom, quarter of adoption and what: how many full years before adoption the
-- first offence on record was committed, or 'none' up to the day of adoption. Counts stays.
-- Reads: stays, offences, days. Read by: counting.agencies.count.
with firsts as (
    select s.adoption_id, min(o.committed_on) as first_on
    from stays as s
    inner join offences as o on s.person_id = o.person_id and o.committed_on <= s.adopted_on
    group by s.adoption_id
)

select
    s.atom, d.quarter,
    case
        when f.first_on is null then 'none'
        when cast(f.first_on + interval '12' month as date) > s.adopted_on then 'under_1'
        when cast(f.first_on + interval '36' month as date) > s.adopted_on then 'under_3'
        when cast(f.first_on + interval '120' month as date) > s.adopted_on then 'under_10'
        else 'longer'
    end as what,
    s.person,
    count(*) as n
from stays as s
inner join days as d on s.adopted_on = d.day_on
left join firsts as f on s.adoption_id = f.adoption_id
group by
    s.atom, d.quarter,
    case
        when f.first_on is null then 'none'
        when cast(f.first_on + interval '12' month as date) > s.adopted_on then 'under_1'
        when cast(f.first_on + interval '36' month as date) > s.adopted_on then 'under_3'
        when cast(f.first_on + interval '120' month as date) > s.adopted_on then 'under_10'
        else 'longer'
    end, s.person
