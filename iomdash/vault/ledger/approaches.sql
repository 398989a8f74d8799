-- Grain: one row per row of approaches in a batch that may count, replaced rows among them.
-- Reads: vault's approaches and replaced_approaches, batches. Read by: ledger, counting.
with held as (
  from vault.main.approaches where batch_id in (select batch_id from batches)
)
select *, 'now' as life
from (
  from held
  union all by name
  from vault.main.replaced_approaches
  where batch_id in (select batch_id from batches)
    and approach_id not in (select approach_id from held)
)
