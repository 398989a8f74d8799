-- Grain: one row per person, atom, quarter of adoption, period (see exposures) and what: offences
-- that the index 'weighed', their 'harm' in its units, and those that it leaves 'unweighed'.
-- Counts offences and units of harm. Reads: committed. Read by: counting.agencies.count.
with added as (
    select
        atom, quarter, period, person,
        count(*) filter (where weight is not null) as weighed,
        cast(sum(weight) as bigint) as harm,
        count(*) filter (where weight is null) as unweighed
    from (select distinct atom, quarter, period, person, offence_id, weight from committed) as o
    group by atom, quarter, period, person
)

select atom, quarter, period, 'weighed' as what, person, weighed as n from added where weighed > 0
union all
select atom, quarter, period, 'harm', person, harm from added where weighed > 0
union all
select atom, quarter, period, 'unweighed', person, unweighed from added where unweighed > 0
