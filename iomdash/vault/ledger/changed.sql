-- Grain: one row: people who counted in $release and do not count so now.
-- Reads: present, ledger's counted. Read by: ledger.
select count(*)
from ledger.counted as o
anti join present as n on o.kind = n.kind and o.member = n.member and o.version = n.version
where o.release = $release
