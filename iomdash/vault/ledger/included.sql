-- Grain: one row per batch that $release counts.
-- Reads: ledger's included. Read by: publishing.
select batch_id from ledger.included where release = $release order by batch_id
