-- Grain: one row per interview and code with a cleared excerpt whose interviewee consented to be
-- quoted: the first one, because two excerpts from fewer people than two would belong together.
-- No key of a person.
-- Reads: excerpts, interviews, stances. Read by: counting.interviews.count.
select
    i.wave,
    i.cohort,
    i.provider,
    i.supervision,
    e.code,
    s.stance,
    e.kind,
    e.text,
    i.origin as cohort_origin
from excerpts as e
inner join interviews as i on e.interview_id = i.interview_id
inner join stances as s on e.interview_id = s.interview_id and e.code = s.code
where e.excerpt_id in (
    select min(f.excerpt_id) from excerpts as f where f.cleared = 'yes' group by f.interview_id, f.code
) and i.consent_quotation = 'yes'
