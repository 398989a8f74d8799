-- Grain: at most one row: when and by whom the pointer was last put on $release.
-- Reads: ledger's pointed. Read by: publishing.
select pointed_at, pointed_by from ledger.pointed
where release = $release
order by pointed_at desc
limit 1
