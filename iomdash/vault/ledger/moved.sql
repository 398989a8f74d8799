-- Grain: one row: people of a group who were not counted so in $release, and those who counted in it
-- and whom a correction has changed or left out. Reads: present, corrected, ledger's counted.
-- Read by: ledger.
with everybody as (
  select n.kind, n.member, n.wave, n.cohort, n.provider, n.supervision
  from present as n
  left join ledger.counted as o
    on o.release = $release and n.kind = o.kind and n.member = o.member
  where n.version is distinct from o.version
  union all
  select o.kind, o.member, o.wave, o.cohort, o.provider, o.supervision
  from ledger.counted as o
  semi join corrected as c on o.kind = c.kind and o.member = c.member
  anti join present as n on o.kind = n.kind and o.member = n.member and o.version = n.version
  where o.release = $release
)
select count(distinct member)
from everybody
where kind = $kind
  and wave = $wave
  and ($cohort::varchar[] is null or list_contains($cohort, cohort))
  and ($provider::varchar[] is null or list_contains($provider, provider))
  and ($supervision::varchar[] is null or list_contains($supervision, supervision))
