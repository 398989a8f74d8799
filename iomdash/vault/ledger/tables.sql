-- Who counted in which release, and of which batches.
-- Grain: counted: one row per person and release; included: per batch and release; keyed: per
-- release and key. Read by: ledger.
create table if not exists ledger.counted (
  release integer not null, kind varchar not null, member varchar not null,
  version varchar not null, wave varchar not null, cohort varchar not null,
  provider varchar not null, supervision varchar not null, setting varchar not null
);
create table if not exists ledger.included (release integer not null, batch_id varchar not null);
create table if not exists ledger.keyed (release integer not null, mark varchar not null);
