-- Grain: one row per person who counted in a release of $kept; `life` says in which.
-- Reads: ledger's counted. Read by: ledger.
select
  kind, member, version, wave, cohort, provider, supervision, setting,
  string_agg(cast(release as varchar), ' ' order by release) as life
from ledger.counted
where list_contains($kept::integer[], release)
group by kind, member, version, wave, cohort, provider, supervision, setting
