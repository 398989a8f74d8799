-- Grain: one row per person, atom, quarter of adoption, period (see exposures) and what: sums over
-- adoptions of products of one's days at large with one's offences and their harm, for the intervals
-- of their rates. Counts products. Reads: exposed. Read by: counting.agencies.count.
with sums as (
    select
        atom, quarter, period, person,
        count(*) as adoptions,
        cast(sum(offences * offences) as bigint) as offences_squared,
        cast(sum(offences * days) as bigint) as offences_days,
        cast(sum(days * days) as bigint) as days_squared,
        cast(sum(harm * harm) as bigint) as harm_squared,
        cast(sum(harm * days) as bigint) as harm_days
    from exposed
    group by atom, quarter, period, person
)

select atom, quarter, period, 'adoptions' as what, person, adoptions as n from sums
union all
select atom, quarter, period, 'offences_squared', person, offences_squared from sums where offences_squared > 0
union all
select atom, quarter, period, 'offences_days', person, offences_days from sums where offences_days > 0
union all
select atom, quarter, period, 'days_squared', person, days_squared from sums where days_squared > 0
union all
select atom, quarter, period, 'harm_squared', person, harm_squared from sums where harm_squared > 0
union all
select atom, quarter, period, 'harm_days', person, harm_days from sums where harm_days > 0
