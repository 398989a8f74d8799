-- Grain: one row per person, atom, quarter, what ('in' at its end, 'joined', 'left') and reason of leaving.
-- Counts stays. Reads: stays, ends, days. Read by: counting.agencies.count.
with moments as (
    select s.atom, s.person, e.quarter, 'in' as what, '' as reason
    from stays as s
    inner join ends as e
        on e.table_name = 'adoptions' and s.adopted_on <= e.last_on and s.until_on > e.last_on
    union all
    select s.atom, s.person, d.quarter, 'joined' as what, '' as reason
    from stays as s
    inner join days as d on s.adopted_on = d.day_on
    union all
    select s.atom, s.person, d.quarter, 'left' as what, s.left_reason as reason
    from stays as s
    inner join days as d on s.left_on = d.day_on
)

select atom, quarter, reason, what, person, count(*) as n
from moments
group by atom, quarter, reason, what, person
