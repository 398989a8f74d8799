-- Grain: one row: people of a group who counted in $release and do so no more, or of whom a batch
-- was undone, and all who came, went or changed since. Reads: present, touched, ledger's counted.
-- Read by: ledger.
with before as (
  select o.member, o.version
  from ledger.counted as o
  where o.release = $release and o.kind = $kind
    and o.wave = $wave
    and ($cohort::varchar[] is null or list_contains($cohort, o.cohort))
    and ($provider::varchar[] is null or list_contains($provider, o.provider))
    and ($supervision::varchar[] is null or list_contains($supervision, o.supervision))
),
now as (
  select n.member, n.version
  from present as n
  where n.kind = $kind
    and n.wave = $wave
    and ($cohort::varchar[] is null or list_contains($cohort, n.cohort))
    and ($provider::varchar[] is null or list_contains($provider, n.provider))
    and ($supervision::varchar[] is null or list_contains($supervision, n.supervision))
)
select
  count(*) filter (where before.member is not null and coalesce(now.member, before.member) not in (
    select member from touched where kind = $kind
  )),
  count(*)
from before
full join now on before.member = now.member
where now.version is distinct from before.version
