-- Grain: at most one row: who published $release.
-- Reads: ledger's published. Read by: publishing.
select published_by from ledger.published where release = $release
