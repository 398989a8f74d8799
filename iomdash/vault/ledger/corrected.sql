-- Grain: one row per person and batch that replaced a row about them, counts now, and counted in no
-- release yet. Reads: vault's replaced rows, corrections, batches, interviews, ledger's included. Read by: ledger.
select
  'interview' as kind, keyed_interview(r.interview_id) as member, c.new as batch_id,
  r.wave, r.cohort, r.provider, r.supervision
from vault.main.replaced_interviews as r
inner join corrections as c on r.batch_id = c.old
where c.new in (select batch_id from batches)
union
select
  'interview', keyed_interview(r.interview_id), c.new, i.wave, i.cohort, i.provider, i.supervision
from (select distinct interview_id, batch_id from vault.main.replaced_codings) as r
inner join interviews as i on r.interview_id = i.interview_id
inner join corrections as c on r.batch_id = c.old
where c.new in (select batch_id from batches)
union
select 'approach', keyed_hash(r.approach_id), c.new, r.wave, coalesce(r.cohort, ''), '', ''
from vault.main.replaced_approaches as r
inner join corrections as c on r.batch_id = c.old
where c.new in (select batch_id from batches)
