-- Grain: one row per wave, code and stance. Counts people behind the cleared excerpts.
-- Reads: excerpts, interviews, stances. Read by: counting.interviews.count.
select
    i.wave,
    e.code,
    s.stance,
    count(distinct e.interview_id) as n
from excerpts as e
inner join interviews as i on e.interview_id = i.interview_id
inner join stances as s on e.interview_id = s.interview_id and e.code = s.code
where e.cleared = 'yes' and i.consent_quotation = 'yes'
group by i.wave, e.code, s.stance
