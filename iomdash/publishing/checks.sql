-- Grain: one row per rule and batch that counts.
-- Reads: vault's load_checks and loads, batches. Read by: publishing.
select l.table_name, c.rule, c.reason, c.passed
from vault.load_checks as c
inner join vault.loads as l on c.batch_id = l.batch_id
inner join batches as b on c.batch_id = b.batch_id
order by l.loaded_at, l.table_name, c.rule
