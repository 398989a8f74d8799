-- Grain: one row per person, group, quarter and what: whether a benefit was drawn on its last day (in the
-- running quarter: on the day of the extract), or 'not_recorded'. Counts people in the cohort then.
-- Reads: stays, work_spells, ends. Read by: counting.agencies.count.
with benefits as (
    -- Of two spells on one day, one with a benefit means that one is drawn.
    select
        s.cohort, s.provider, s.supervision, s.area, e.quarter, s.person_id,
        max(case r.benefit when 'yes' then 2 when 'no' then 1 else 0 end) as drawn
    from stays as s
    inner join ends as e
        on e.table_name = 'work_spells' and s.adopted_on <= e.last_on and s.until_on > e.last_on
    left join work_spells as r
        on
            s.person_id = r.person_id
            and r.from_on <= e.last_on
            and coalesce(r.to_on, date '9999-12-31') > e.last_on
    group by s.cohort, s.provider, s.supervision, s.area, e.quarter, s.person_id
)

select
    cohort, provider, supervision, area, quarter,
    case drawn when 2 then 'drawn' when 1 then 'not_drawn' else 'not_recorded' end as what,
    person_id,
    1 as n
from benefits
group by
    cohort, provider, supervision, area, quarter,
    case drawn when 2 then 'drawn' when 1 then 'not_drawn' else 'not_recorded' end, person_id
