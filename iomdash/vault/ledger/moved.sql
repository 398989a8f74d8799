-- Grain: one row: people of a group who were not counted so in $release.
-- Reads: present, ledger's counted. Read by: ledger.
select count(*)
from present as n
left join ledger.counted as o
  on o.release = $release and n.kind = o.kind and n.member = o.member
where n.kind = $kind and n.version is distinct from o.version
  and n.wave = $wave
  and ($cohort::varchar[] is null or list_contains($cohort, n.cohort))
  and ($provider::varchar[] is null or list_contains($provider, n.provider))
  and ($supervision::varchar[] is null or list_contains($supervision, n.supervision))
