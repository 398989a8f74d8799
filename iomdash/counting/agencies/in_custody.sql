-- Grain: one row per person, group, quarter and what, 'in_custody' or 'at_large' on its last day (in the
-- running quarter: on the day of the extract). Counts people in the cohort on that day.
-- Reads: stays, custody, quarters, extracts. Read by: measures.agency.count.
with ends as (
    select q.quarter, least(q.last_on, e.extracted_on) as last_on
    from quarters as q
    inner join extracts as e on e.table_name = 'custody_spells' and q.first_on <= e.extracted_on
)

select
    s.cohort, s.provider, s.supervision, s.area, e.quarter,
    case when c.person_id is null then 'at_large' else 'in_custody' end as what,
    s.person_id,
    1 as n
from stays as s
inner join ends as e on s.adopted_on <= e.last_on and s.until_on > e.last_on
left join custody as c
    on s.person_id = c.person_id and c.from_on <= e.last_on and c.until_on > e.last_on
group by
    s.cohort, s.provider, s.supervision, s.area, e.quarter,
    case when c.person_id is null then 'at_large' else 'in_custody' end, s.person_id
