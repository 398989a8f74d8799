-- Grain: one row per row of excerpts in a batch that may count, of an interview that does.
-- Reads: vault's excerpts, batches, interviews. Read by: ledger, counting.
select *
from vault.main.excerpts
where
  batch_id in (select batch_id from batches)
  and interview_id in (select interview_id from interviews)
