-- Grain: one row per person, atom, quarter of adoption, month since then (1 is the first) and what: stays
-- that ended in it ('left') or were last seen in it ('still_in'). Counts stays.
-- Reads: stays, days, months, extracts. Read by: counting.agencies.count.
with seen as (
    select
        s.*,
        d.quarter,
        least(s.until_on, e.extracted_on, cast(s.adopted_on + interval '36' month as date)) as seen_on
    from stays as s
    inner join days as d on s.adopted_on = d.day_on
    inner join extracts as e on e.table_name = 'adoptions' and s.adopted_on < e.extracted_on
),

ended as (
    select
        *,
        case when until_on <= seen_on then 'left' else 'still_in' end as what,
        -- Whoever left on the day of adoption was in for a part of the first month.
        greatest(seen_on, cast(adopted_on + interval '1' day as date)) as end_on
    from seen
)

select
    e.atom, e.quarter, m.month, e.what,
    e.person,
    count(distinct e.adoption_id) as n
from ended as e
inner join months as m
    on
        e.end_on > e.adopted_on + (m.month - 1) * interval '1' month
        and e.end_on <= e.adopted_on + m.month * interval '1' month
group by e.atom, e.quarter, m.month, e.what, e.person
