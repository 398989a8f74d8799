-- Grain: one row per batch that counts. A file of few people would tell by its rows how much each
-- of them said, and its hash would confirm a guess of all that it holds; its name may be one.
-- Reads: vault's loads, enough. Read by: publishing.
select
  l.table_name,
  case when e.enough then l.sha256 end as sha256,
  case when e.enough then l.row_count end as row_count,
  l.loaded_at, l.checks
from vault.loads as l
inner join enough as e on l.batch_id = e.batch_id
order by l.loaded_at, l.table_name
