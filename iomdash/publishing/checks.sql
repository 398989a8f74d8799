-- Grain: one row per rule and batch that counts. How many rows break a warning is never written: of
-- a file in which one row does it would count people, and two releases would tell of a difference.
-- Whether it held is written of files of enough people only, broken or not, as silence about the
-- broken would tell of them. An error holds in every file that is loaded, so it tells nothing.
-- Reads: vault's load_checks and loads, enough. Read by: publishing.
select
  l.table_name, c.rule, c.reason, c.severity, c.implied_by,
  case when c.severity = 'error' or e.enough then c.result end as result
from vault.load_checks as c
inner join vault.loads as l on c.batch_id = l.batch_id
inner join enough as e on c.batch_id = e.batch_id
order by l.loaded_at, l.table_name, c.rule
