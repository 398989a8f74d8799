-- Grain: one row per row of interviews in a batch that may count.
-- Reads: vault's interviews, batches. Read by: ledger, counting.
select *, 'now' as life
from vault.main.interviews
where batch_id in (select batch_id from batches)
