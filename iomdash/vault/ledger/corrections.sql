-- Grain: one row per batch that was replaced and batch that stands in its place now, whether by one
-- correction or by several in a row. Reads: vault's loads. Read by: ledger.
with recursive corrected as (
  select batch_id as old, replaced_by as new
  from vault.loads
  where replaced_by is not null
  union all
  select c.old, l.replaced_by
  from corrected as c
  inner join vault.loads as l on c.new = l.batch_id
  where l.replaced_by is not null
)
select c.old, c.new
from corrected as c
inner join vault.loads as l on c.new = l.batch_id
where l.undone_at is null
