-- Grain: one row per row of interviews in a batch that may count, replaced rows among them.
-- Reads: vault's interviews and replaced_interviews, batches. Read by: ledger, counting.
with held as (
  from vault.main.interviews where batch_id in (select batch_id from batches)
)
select *, 'now' as life
from (
  from held
  union all by name
  from vault.main.replaced_interviews
  where batch_id in (select batch_id from batches)
    and interview_id not in (select interview_id from held)
)
