-- Grain: one row per person who counts now or counted in a release of $kept; `life` says in which.
-- Reads: ledger's counted, present. Read by: ledger.
select
  kind, member, version, wave, cohort, provider, supervision, setting,
  concat_ws(
    ' ', string_agg(cast(release as varchar), ' ' order by release), any_value(now)
  ) as life
from (
  select kind, member, version, wave, cohort, provider, supervision, setting, release, null as now
  from ledger.counted
  where list_contains($kept::integer[], release)
  union all
  select kind, member, version, wave, cohort, provider, supervision, setting, null, 'now'
  from present
)
group by kind, member, version, wave, cohort, provider, supervision, setting
