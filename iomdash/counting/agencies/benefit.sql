-- Grain: one row per person, atom, quarter and what: whether a benefit was drawn on its last day (in the
-- running quarter: on the day of the extract), or 'not_recorded'. Counts people in the cohort then.
-- Reads: in_cohort, ends, work_spells. Read by: counting.agencies.count.
with benefits as (
    -- Of two spells on one day, one with a benefit means that one is drawn.
    select
        i.atom, e.quarter, i.person,
        max(case r.benefit when 'yes' then 2 when 'no' then 1 else 0 end) as drawn
    from in_cohort as i
    inner join ends as e
        on e.table_name = 'work_spells' and i.from_on <= e.last_on and i.until_on > e.last_on
    left join work_spells as r
        on
            i.person_id = r.person_id
            and r.from_on <= e.last_on
            and coalesce(r.to_on, date '9999-12-31') > e.last_on
    group by i.atom, e.quarter, i.person
)

select
    atom, quarter,
    case drawn when 2 then 'drawn' when 1 then 'not_drawn' else 'not_recorded' end as what,
    person,
    1 as n
from benefits
