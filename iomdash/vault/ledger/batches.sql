-- Grain: one row per batch that may count: those that the vault holds but for those that wait,
-- $left_out, and in the place of one that waits what it replaced of release $last.
-- Reads: vault's loads, corrections, ledger's included. Read by: ledger, publishing.
select batch_id, table_name, file_name, loaded_at
from vault.loads
where undone_at is null and not list_contains($left_out::varchar[], batch_id)
union all
select o.batch_id, o.table_name, o.file_name, o.loaded_at
from vault.loads as o
inner join corrections as c on o.batch_id = c.old
where
  list_contains($left_out::varchar[], c.new)
  and o.batch_id in (select batch_id from ledger.included where release = $last)
