-- Grain: one row per atom and condition. Counts interviews that meet the condition.
-- Reads: interviews, stances, asks. Read by: counting.interviews.count.
select
    i.wave,
    i.cohort,
    i.provider,
    i.supervision,
    i.setting,
    i.life,
    s.code as among,
    count(*) as n
from interviews as i
inner join stances as s on i.interview_id = s.interview_id
where s.stance = 'yes' and s.code in (select among from asks)
group by i.wave, i.cohort, i.provider, i.supervision, i.setting, i.life, s.code
