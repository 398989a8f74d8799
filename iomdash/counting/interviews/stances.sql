-- Grain: one row per interview and code, coded or derived. Microdata: feeds the other queries only.
-- Reads: codings, derived. Read by: counting.interviews.count.
-- Coders who differ on an interview make its stance mixed.
with agreed as (
    select
        interview_id,
        code,
        case when min(stance) = max(stance) then min(stance) else 'mixed' end as stance
    from codings
    group by interview_id, code
)

select interview_id, code, stance
from agreed
union all
select
    a.interview_id,
    d.code,
    case
        when count(*) filter (where a.stance = 'yes') > 0 then 'yes'
        when count(*) filter (where a.stance = 'mixed') > 0 then 'mixed'
        else 'no'
    end as stance
from agreed as a
inner join derived as d on a.code = d.part
group by a.interview_id, d.code
