-- Grain: at most one row: the newest batch since $release that touches people of a group and is not
-- among those that cannot wait, $firm.
-- Reads: batches, interviews, codings, approaches, corrected, ledger's included. Read by: ledger.
with touching as (
  select n.batch_id
  from interviews as n
  where $kind = 'interview'
    and n.wave = $wave
    and ($cohort::varchar[] is null or list_contains($cohort, n.cohort))
    and ($provider::varchar[] is null or list_contains($provider, n.provider))
    and ($supervision::varchar[] is null or list_contains($supervision, n.supervision))
  union all
  select c.batch_id
  from codings as c
  inner join interviews as n on c.interview_id = n.interview_id
  where $kind = 'interview'
    and n.wave = $wave
    and ($cohort::varchar[] is null or list_contains($cohort, n.cohort))
    and ($provider::varchar[] is null or list_contains($provider, n.provider))
    and ($supervision::varchar[] is null or list_contains($supervision, n.supervision))
  union all
  select n.batch_id
  from approaches as n
  where $kind = 'approach' and n.wave = $wave
    and ($cohort::varchar[] is null or list_contains($cohort, n.cohort))
  union all
  select n.batch_id
  from corrected as n
  where n.kind = $kind
    and n.wave = $wave
    and ($cohort::varchar[] is null or list_contains($cohort, n.cohort))
    and ($provider::varchar[] is null or list_contains($provider, n.provider))
    and ($supervision::varchar[] is null or list_contains($supervision, n.supervision))
)
select batch_id, table_name, file_name
from batches
where batch_id in (select batch_id from touching)
  and batch_id not in (select batch_id from ledger.included where release = $release)
  and not list_contains($firm::varchar[], batch_id)
order by loaded_at desc, batch_id
limit 1
