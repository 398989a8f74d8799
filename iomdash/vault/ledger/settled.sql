-- Grain: one row per replaced batch of which the vault keeps rows and that $release does not count.
-- Reads: vault's replaced rows, ledger's included. Read by: publishing.
select batch_id
from (
  select batch_id from vault.main.replaced_interviews
  union
  select batch_id from vault.main.replaced_codings
  union
  select batch_id from vault.main.replaced_approaches
)
where batch_id not in (select batch_id from ledger.included where release = $release)
