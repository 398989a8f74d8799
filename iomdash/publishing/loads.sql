-- Grain: one row per batch that counts, without its hash and size where it holds few people: by
-- its rows a file of few would tell how much each of them said, and its hash would confirm a
-- guess of all that it holds. Its name may be one, and stays in the vault.
-- Reads: vault's loads, batches, interviews, codings, excerpts, approaches. Read by: publishing.
with people as (
  select batch_id, count(distinct interview_id) as people from codings group by batch_id
  union all
  select batch_id, count(distinct interview_id) from interviews group by batch_id
  union all
  select batch_id, count(distinct interview_id) from excerpts group by batch_id
  union all
  select batch_id, count(*) from approaches group by batch_id
),
counting as (
  select l.*,
    coalesce(p.people, 0) >= $smallest
    or (
      l.row_count >= $smallest
      and l.table_name not in ('interviews', 'codings', 'excerpts', 'approaches')
    ) as enough
  from vault.loads as l
  inner join batches as b on l.batch_id = b.batch_id
  left join people as p on l.batch_id = p.batch_id
)
select
  table_name, case when enough then sha256 end as sha256,
  case when enough then row_count end as row_count, loaded_at, checks
from counting
order by loaded_at, table_name
