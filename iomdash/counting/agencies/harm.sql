-- Grain: one row per person, atom, quarter of adoption, period (see exposures) and what: offences
-- that the index 'weighed', their 'harm' in its units, and those that it leaves 'unweighed'.
-- Counts offences and units of harm. Reads: offended. Read by: counting.agencies.count.
select atom, quarter, period, 'weighed' as what, person, weighed as n from offended where weighed > 0
union all
select atom, quarter, period, 'harm', person, harm from offended where weighed > 0
union all
select atom, quarter, period, 'unweighed', person, offences - weighed from offended where offences > weighed
