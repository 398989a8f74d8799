-- Who counted in which release, of which batches, who published it, and who made it present again.
-- Grain: counted: one row per person and release; included: per batch and release; keyed: per
-- release and key; published: per release; pointed: per time that the pointer was put on one.
-- Read by: ledger.
create table if not exists ledger.counted (
  release integer not null, kind varchar not null, member varchar not null,
  version varchar not null, wave varchar not null, cohort varchar not null,
  provider varchar not null, supervision varchar not null, setting varchar not null
);
create table if not exists ledger.included (release integer not null, batch_id varchar not null);
create table if not exists ledger.keyed (release integer not null, mark varchar not null);
create table if not exists ledger.published (release integer not null, published_by varchar not null);
create table if not exists ledger.pointed (
  release integer not null, pointed_at timestamp not null, pointed_by varchar not null
);
-- recorded: one row per population or measure, pseudonym, stay, quarter and cell, with what was
-- counted of it, from the release `since` to the one before `until`.
create table if not exists ledger.recorded (
  "of" varchar not null, person varchar not null, cohort varchar not null, provider varchar not null,
  supervision varchar not null, area varchar not null, quarter varchar not null,
  cell varchar not null, n bigint not null, since integer not null, until integer
);
