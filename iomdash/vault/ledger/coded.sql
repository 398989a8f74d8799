-- Grain: one row per interview that may count and has a coding that does.
-- Reads: interviews, codings. Read by: ledger.
from interviews where interview_id in (select interview_id from codings)
