-- Grain: one row per quarter and condition that the board has answered. About no person, so it is
-- shown as it is. Reads: vault's board_answers, batches. Read by: publishing.
select a.quarter, a.condition, a.answer, a.answered_by, a.answered_on, a.origin
from vault.board_answers as a
inner join batches as b on a.batch_id = b.batch_id
order by a.quarter, a.condition
