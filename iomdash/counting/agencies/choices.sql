-- Grain: one row per person, closed quarter on any day of which they were in a cohort, and what their stay says
-- of supervision and area. Reads: stays, quarters, extracts. Read by: counting.agencies.merged.
select distinct s.person_id, q.quarter, s.supervision, s.area
from stays as s
inner join quarters as q on s.adopted_on <= q.last_on and s.until_on >= q.first_on
inner join extracts as e on e.table_name = 'adoptions' and q.last_on <= e.extracted_on
