-- Grain: one row per adoption whose person has been at large since. The index date is the day of
-- adoption, or of release where the person was in custody on that day.
-- Reads: stays, custody. Read by: counting.agencies.count.
select
    s.adoption_id,
    s.person_id,
    s.person,
    s.atom,
    coalesce(c.until_on, s.adopted_on) as index_on
from stays as s
left join custody as c
    on s.person_id = c.person_id and c.from_on <= s.adopted_on and c.until_on > s.adopted_on
where coalesce(c.until_on, s.adopted_on) < date '9999-12-31'
