-- Grain: one row per person, atom and quarter of the index date. Closed quarters only.
-- Reads: indexed, quarters, extracts. Read by: counting.agencies.
select distinct 'indexed' as of, i.person, i.atom, q.quarter
from indexed as i
inner join quarters as q on i.index_on between q.first_on and q.last_on
inner join extracts as e on e.table_name = 'adoptions' and q.last_on <= e.extracted_on
