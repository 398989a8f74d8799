-- Grain: one row per batch that may count: all but those that wait, $left_out.
-- Reads: vault's loads. Read by: ledger, publishing.
select batch_id, table_name, file_name, loaded_at
from vault.loads
where not list_contains($left_out::varchar[], batch_id)
