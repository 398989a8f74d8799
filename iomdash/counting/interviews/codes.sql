-- Grain: one row per atom, code and condition (among, '' for everybody), where anybody raised it.
-- Counts interviews by stance. Reads: interviews, stances, asks. Read by: counting.interviews.count.
select
    i.wave,
    i.cohort,
    i.provider,
    i.supervision,
    i.setting,
    i.life,
    a.code,
    a.among,
    count(*) filter (where s.stance = 'yes') as yes,
    count(*) filter (where s.stance = 'mixed') as mixed,
    count(*) filter (where s.stance = 'no') as no
from interviews as i
inner join stances as s on i.interview_id = s.interview_id
inner join asks as a on s.code = a.code
left join stances as g on i.interview_id = g.interview_id and a.among = g.code
where a.among = '' or g.stance = 'yes'
group by i.wave, i.cohort, i.provider, i.supervision, i.setting, i.life, a.code, a.among
