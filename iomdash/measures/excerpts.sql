-- Grain: one row per cleared excerpt whose interviewee consented to be quoted. No key of a person.
-- Reads: excerpts, interviews, stances. Read by: measures.count.
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
where e.cleared = 'yes' and i.consent_quotation = 'yes'
