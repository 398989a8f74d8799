-- Grain: one row per batch that counts; `enough` says whether it holds $smallest people or more.
-- Reads: vault's loads, batches, interviews, codings, excerpts, approaches. Read by: publishing.
with people as (
  select batch_id, count(distinct interview_id) as people from codings group by batch_id
  union all
  select batch_id, count(distinct interview_id) from interviews group by batch_id
  union all
  select batch_id, count(distinct interview_id) from excerpts group by batch_id
  union all
  select batch_id, count(*) from approaches group by batch_id
)
select
  l.batch_id,
  coalesce(p.people, 0) >= $smallest
  or (
    l.row_count >= $smallest
    and l.table_name not in ('interviews', 'codings', 'excerpts', 'approaches')
  ) as enough
from vault.loads as l
inner join batches as b on l.batch_id = b.batch_id
left join people as p on l.batch_id = p.batch_id
