-- Grain: one row per atom, field of the information sheet and value ('' where not stated).
-- Counts interviews. Reads: interviews. Read by: counting.interviews.count.
with answers as (
    select wave, cohort, provider, supervision, setting, life, 'age' as field,
        case when age < 25 then '18 to 24' when age < 35 then '25 to 34'
            when age < 45 then '35 to 44' when age >= 45 then '45 or over' end as answer
    from interviews
    union all
    select wave, cohort, provider, supervision, setting, life, 'sex', sex from interviews
    union all
    select wave, cohort, provider, supervision, setting, life, 'ethnicity', ethnicity from interviews
    union all
    select wave, cohort, provider, supervision, setting, life, 'age_first_offence',
        case when age_first_offence < 12 then 'under 12' when age_first_offence < 15 then '12 to 14'
            when age_first_offence < 18 then '15 to 17' when age_first_offence >= 18 then '18 or over' end
    from interviews
    union all
    select wave, cohort, provider, supervision, setting, life, 'still_offending', still_offending from interviews
    union all
    select wave, cohort, provider, supervision, setting, life, 'last_offence',
        case when last_offence_on > interviewed_on - interval '6' month then 'under 6 months before'
            when last_offence_on > interviewed_on - interval '12' month then '6 to 12 months before'
            when last_offence_on <= interviewed_on - interval '12' month then 'over a year before' end
    from interviews
    union all
    select wave, cohort, provider, supervision, setting, life, 'last_arrest',
        case when last_arrest_on > interviewed_on - interval '6' month then 'under 6 months before'
            when last_arrest_on > interviewed_on - interval '12' month then '6 to 12 months before'
            when last_arrest_on <= interviewed_on - interval '12' month then 'over a year before' end
    from interviews
    union all
    select wave, cohort, provider, supervision, setting, life, 'single', single from interviews
    union all
    select wave, cohort, provider, supervision, setting, life, 'children', children from interviews
    union all
    select wave, cohort, provider, supervision, setting, life, 'childrens_services', childrens_services
    from interviews
    union all
    select wave, cohort, provider, supervision, setting, life, 'alcohol',
        case when alcohol_misuse = 'no' then 'no misuse'
            when alcohol_in_treatment = 'yes' then 'misuse, in treatment'
            when alcohol_misuse = 'yes' and alcohol_in_treatment = 'no'
                then 'misuse, not in treatment' end
    from interviews
    union all
    select wave, cohort, provider, supervision, setting, life, 'drugs',
        case when drug_misuse = 'no' then 'no misuse'
            when drug_in_treatment = 'yes' then 'misuse, in treatment'
            when drug_misuse = 'yes' and drug_in_treatment = 'no'
                then 'misuse, not in treatment' end
    from interviews
    union all
    select wave, cohort, provider, supervision, setting, life, 'mental_health',
        case when mental_health_concern = 'no' then 'no concern'
            when mental_health_in_intervention = 'yes' then 'concern, getting help'
            when mental_health_concern = 'yes' and mental_health_in_intervention = 'no'
                then 'concern, no help' end
    from interviews
    union all
    select wave, cohort, provider, supervision, setting, life, 'accommodation', accommodation from interviews
    union all
    select wave, cohort, provider, supervision, setting, life, 'employment', employment from interviews
    union all
    select wave, cohort, provider, supervision, setting, life, 'benefit', benefit from interviews
    union all
    select wave, cohort, provider, supervision, setting, life, 'setting', setting from interviews
    union all
    select wave, cohort, provider, supervision, setting, life, 'length_minutes',
        case when length_minutes < 45 then 'under 45 minutes'
            when length_minutes < 60 then '45 to 59 minutes'
            when length_minutes <= 90 then '60 to 90 minutes'
            when length_minutes > 90 then 'over 90 minutes' end
    from interviews
)

select wave, cohort, provider, supervision, setting, life, field, coalesce(answer, '') as answer, count(*) as n
from answers
group by wave, cohort, provider, supervision, setting, life, field, coalesce(answer, '')
