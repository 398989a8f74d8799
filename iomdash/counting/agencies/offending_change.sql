-- Grain: one row per person, atom, quarter of adoption and what: whether offences a day at large in the 12
-- months after adoption were 'fewer' than in the 12 before it or 'not_fewer', or the person was 'not_at_large'
-- in one of them. Counts adoptions. Reads: exposed. Read by: counting.agencies.count.
with compared as (
    select
        b.atom, b.quarter, b.person,
        case
            when b.days = 0 or a.days = 0 then 'not_at_large'
            when a.offences * b.days < b.offences * a.days then 'fewer'
            else 'not_fewer'
        end as what
    from exposed as b
    inner join exposed as a on b.adoption_id = a.adoption_id
    where b.period = 'before' and a.period = 'after'
)

select atom, quarter, what, person, count(*) as n
from compared
group by atom, quarter, what, person
