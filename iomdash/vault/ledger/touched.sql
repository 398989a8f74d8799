-- Grain: one row per person of whom a batch, but for those that cannot wait, $firm, says something
-- that release $release did not count.
-- Reads: interviews, codings, approaches, corrected, ledger's included. Read by: ledger.
with old as (
  select batch_id from ledger.included where release = $release
  union all
  select unnest($firm::varchar[])
)
select 'interview' as kind, keyed_interview(interview_id) as member
from (
  select interview_id from interviews where batch_id not in (from old)
  union
  select interview_id from codings where batch_id not in (from old)
)
union
select 'approach', keyed_hash(approach_id) from approaches where batch_id not in (from old)
union
select kind, member from corrected where batch_id not in (from old)
