-- Grain: one row per person, atom, quarter of adoption, month since then (1 is the first) and what: stays
-- that ended in it ('left') or were last seen in it ('still_in'). Counts stays.
-- Reads: stays, days, extracts. Read by: counting.agencies.count.
with seen as (
    select
        s.*,
        d.quarter,
        least(s.until_on, e.extracted_on, cast(s.adopted_on + interval '36' month as date)) as seen_on
    from stays as s
    inner join days as d on s.adopted_on = d.day_on
    inner join extracts as e on e.table_name = 'adoptions' and s.adopted_on < e.extracted_on
),

ended as (
    select
        *,
        case when until_on <= seen_on then 'left' else 'still_in' end as what,
        -- Whoever left on the day of adoption was in for a part of the first month.
        greatest(seen_on, cast(adopted_on + interval '1' day as date)) as end_on
    from seen
),

-- Months begin on the day of adoption: whole ones are as many as the calendar counts, or one fewer.
placed as (
    select
        *,
        12 * (year(end_on) - year(adopted_on)) + month(end_on) - month(adopted_on) as months
    from ended
),

numbered as (
    select
        atom, quarter, person, what,
        case when end_on > adopted_on + months * interval '1' month then months + 1 else months end as month
    from placed
)

select atom, quarter, month, what, person, count(*) as n
from numbered
group by atom, quarter, month, what, person
