-- Grain: one row per atom and pair of codes. Counts interviews that say yes to one, other or both.
-- Reads: interviews, stances, pairs. Read by: counting.interviews.count.
select
    i.wave,
    i.cohort,
    i.provider,
    i.supervision,
    i.setting,
    i.life,
    p.one,
    p.other,
    count(*) filter (where a.stance = 'yes' and b.stance is distinct from 'yes') as only_one,
    count(*) filter (where b.stance = 'yes' and a.stance is distinct from 'yes') as only_other,
    count(*) filter (where a.stance = 'yes' and b.stance = 'yes') as both_codes
from interviews as i
cross join pairs as p
left join stances as a on i.interview_id = a.interview_id and p.one = a.code
left join stances as b on i.interview_id = b.interview_id and p.other = b.code
group by i.wave, i.cohort, i.provider, i.supervision, i.setting, i.life, p.one, p.other
