-- Grain: one row per interview of the vault that nobody has coded; it stands in no base.
-- Reads: vault's interviews and codings. Read by: ledger.
select interview_id
from vault.main.interviews
anti join vault.main.codings using (interview_id)
order by interview_id
