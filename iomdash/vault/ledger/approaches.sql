-- Grain: one row per row of approaches in a batch that may count.
-- Reads: vault's approaches, batches. Read by: ledger, counting.
select *, 'now' as life
from vault.main.approaches
where batch_id in (select batch_id from batches)
