-- Grain: one row: batches that only one of $release and what may count now counts.
-- Reads: batches, ledger's included. Read by: publishing.
select count(*)
from (select batch_id from batches) as now
full join (select batch_id from ledger.included where release = $release) as old
  on now.batch_id = old.batch_id
where now.batch_id is null or old.batch_id is null
