-- Grain: one row per person, atom, quarter of the index date and what: 'people' and 'reoffenders' of those
-- who were followed for 18 months, their 'offences', and people who are 'not_mature'.
-- Counts people, and offences of people. Reads: indexed, offences, days, extracts.
-- Read by: counting.agencies.count.
with followed as (
    select
        i.*,
        i.index_on + interval '18' month <= e.extracted_on as mature,
        row_number() over (
            partition by i.person_id
            order by i.index_on nulls last, i.adoption_id nulls last
        ) as place
    from indexed as i
    inner join extracts as e on e.table_name = 'offences'
    where i.index_on <= e.extracted_on
),

firsts as (
    select i.*, d.quarter
    from followed as i
    inner join days as d on i.index_on = d.day_on
    -- People count once: the first index date on record is the one that counts.
    where i.place = 1
),

proven as (
    select f.atom, f.quarter, f.person, count(distinct o.offence_id) as offences
    from firsts as f
    inner join offences as o on f.person_id = o.person_id
    where
        f.mature
        and o.committed_on > f.index_on
        and o.committed_on <= f.index_on + interval '12' month
        and o.proven_on <= f.index_on + interval '18' month
    group by f.atom, f.quarter, f.person
)

select atom, quarter, case when mature then 'people' else 'not_mature' end as what, person, 1 as n
from firsts
union all
select atom, quarter, 'reoffenders', person, 1 from proven
union all
select atom, quarter, 'offences', person, offences from proven
