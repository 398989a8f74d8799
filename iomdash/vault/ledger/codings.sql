-- Grain: one row per row of codings in a batch that may count, of an interview that does.
-- Reads: vault's codings, batches, interviews. Read by: ledger, counting.
select *
from vault.main.codings
where
  batch_id in (select batch_id from batches)
  and interview_id in (select interview_id from interviews)
