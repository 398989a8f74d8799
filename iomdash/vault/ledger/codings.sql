-- Grain: one row per row of codings in a batch that may count, of an interview that does; replaced
-- rows among them. Reads: vault's codings and replaced_codings, batches, interviews. Read by: ledger,
-- counting.
with held as (
  from vault.main.codings where batch_id in (select batch_id from batches)
)
select *
from (
  from held
  union all by name
  from vault.main.replaced_codings
  where batch_id in (select batch_id from batches)
    and (interview_id, code, coder) not in (select (interview_id, code, coder) from held)
)
where interview_id in (select interview_id from interviews)
