-- Grain: one row per interviewee who counted in $release and has withdrawn since.
-- Reads: ledger's counted, vault's withdrawn. Read by: publishing.
select member from ledger.counted
where release = $release and kind = 'interview'
  and member in (select member from vault.withdrawn)
