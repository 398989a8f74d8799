-- Grain: one row per person who counts now; `version` is all that counts of them, hashed.
-- Reads: interviews, codings, interview_cells, approaches, approach_cells. Read by: ledger.
select
  'interview' as kind,
  keyed_interview(i.interview_id) as member,
  keyed_hash(concat_ws('|', a.cells, c.coded)) as version,
  i.wave, i.cohort, i.provider, i.supervision, i.setting
from interviews as i
inner join interview_cells as a on i.interview_id = a.interview_id
left join (
  select interview_id, string_agg(coding, ' ' order by coding) as coded
  from (select interview_id, concat_ws('=', code, stance, coder) as coding from codings)
  group by interview_id
) as c on i.interview_id = c.interview_id
union all
select
  'approach', keyed_hash(p.approach_id), keyed_hash(a.cells),
  p.wave, coalesce(p.cohort, ''), '', '', ''
from approaches as p
inner join approach_cells as a on p.approach_id = a.approach_id
