-- Grain: one row per person, group and quarter of the index date. Closed quarters only.
-- Reads: indexed, people, quarters, extracts. Read by: counting.agencies.
select distinct 'indexed' as of, p.person, i.cohort, i.provider, i.supervision, i.area, q.quarter
from indexed as i
inner join people as p on i.person_id = p.person_id
inner join quarters as q on i.index_on between q.first_on and q.last_on
inner join extracts as e on e.table_name = 'adoptions' and q.last_on <= e.extracted_on
