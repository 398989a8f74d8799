-- Grain: one row per table that was sent and quarter that it reaches, with the quarter's last day (of the
-- running quarter: the day of the extract). Reads: quarters, extracts. Read by: counting.agencies.count.
select e.table_name, q.quarter, least(q.last_on, e.extracted_on) as last_on
from quarters as q
inner join extracts as e on q.first_on <= e.extracted_on
