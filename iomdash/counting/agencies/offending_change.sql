-- Grain: one row per person, group, quarter of adoption and what: whether offences a day at large in the 12
-- months after adoption were 'fewer' than in the 12 before it or 'not_fewer', or the person was 'not_at_large'
-- in one of them. Counts adoptions.
-- Reads: exposures, custody, offences. Read by: counting.agencies.count.
with committed as (
    select x.adoption_id, x.period, count(*) as offences
    from exposures as x
    inner join offences as o
        on x.person_id = o.person_id and o.committed_on > x.after_on and o.committed_on <= x.last_on
    where not exists (
        select 1 from custody as c
        where c.person_id = o.person_id and c.from_on < o.committed_on and c.until_on > o.committed_on
    )
    group by x.adoption_id, x.period
),

exposed as (
    select x.*, coalesce(c.offences, 0) as offences
    from exposures as x
    left join committed as c on x.adoption_id = c.adoption_id and x.period = c.period
),

compared as (
    select
        b.cohort, b.provider, b.supervision, b.area, b.quarter, b.adoption_id, b.person_id,
        case
            when b.days = 0 or a.days = 0 then 'not_at_large'
            when a.offences * b.days < b.offences * a.days then 'fewer'
            else 'not_fewer'
        end as what
    from exposed as b
    inner join exposed as a on b.adoption_id = a.adoption_id
    where b.period = 'before' and a.period = 'after'
)

select
    cohort, provider, supervision, area, quarter, what,
    person_id,
    count(distinct adoption_id) as n
from compared
group by cohort, provider, supervision, area, quarter, what, person_id
