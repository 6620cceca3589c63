-- Everything lives in the schema of Waymark. Text compares by its UTF-8 bytes everywhere (collation C). Times are epoch milliseconds.
--
-- Three roles: the owner (who runs this file), waymark_app (units of work of one tenant) and waymark_worker (jobs across tenants).
-- Row-level security is forced, so the owner sees nothing either. A policy of the worker asks for the current role by name: a login
-- that only inherits from the worker has none of its rights.

do $$
declare
  needed text;
begin
  foreach needed in array array['waymark_app', 'waymark_worker'] loop
    if not exists (select from pg_roles where rolname = needed) then
      begin
        execute format('create role %I nologin', needed);
      -- Another database of this server was faster.
      exception when duplicate_object or unique_violation then null;
      end;
    end if;
  end loop;
end $$;
-- Where an administrator has made the roles and granted them, this login need not (and may not) grant them to itself.
do $$
begin
  grant waymark_app, waymark_worker to current_user;
exception when insufficient_privilege then null;
end $$;
grant usage on schema waymark to waymark_app, waymark_worker;

-- Ends a transaction whose states were changed by another one since they were read.
create function waymark.refuse_stale() returns boolean language plpgsql as
$$ begin raise exception 'a state changed since it was read' using errcode = 'WM001'; end $$;

-- The journal.
create table waymark.event (
  tenant text collate "C" not null,
  subject text collate "C" not null,
  source text collate "C" not null,
  event_id text collate "C" not null,
  kind text collate "C" not null check (kind in ('event', 'control')),
  name text collate "C" not null,
  version text collate "C" not null,
  occurred_at bigint not null,
  received_at bigint not null,
  claimed_at bigint,
  account text collate "C",
  actor text collate "C",
  track text collate "C",
  channel text collate "C" not null,
  key_id text collate "C",
  body_hash text collate "C" not null,
  -- 1: payload is JSON text, exactly as it was sent. A later format takes the next number.
  payload_format smallint not null,
  payload text collate "C" not null,
  primary key (tenant, subject, source, event_id)
) partition by hash (subject);
create index event_by_name on waymark.event (tenant, subject, name, occurred_at);
create index event_by_account on waymark.event (tenant, account, name, occurred_at) where account is not null;
do $$
begin
  for part in 0..7 loop
    execute format(
      'create table waymark.event_%s partition of waymark.event for values with (modulus 8, remainder %s)', part, part);
  end loop;
end $$;

-- Room on every page, so that a new version of a state stays on its page and touches no index.
create table waymark.subject_state (
  tenant text collate "C" not null,
  subject text collate "C" not null,
  version integer not null,
  state bytea not null,
  primary key (tenant, subject)
) with (fillfactor = 60);

-- A fact gets its position after its commit, by the one sequencer. Until then `arrival` says in which order positions are given.
create table waymark.fact (
  tenant text collate "C" not null,
  subject text collate "C" not null,
  fact_id text collate "C" not null,
  arrival bigint generated always as identity,
  position bigint,
  name text collate "C" not null,
  track text collate "C" not null,
  run integer not null,
  step text collate "C",
  cause_source text collate "C" not null,
  cause_id text collate "C" not null,
  occurred_at bigint not null,
  data text collate "C" not null,
  primary key (tenant, subject, fact_id)
);
create unique index fact_by_position on waymark.fact (tenant, position) where position is not null;
create index fact_without_position on waymark.fact (arrival) where position is null;

-- One row: its lock makes the sequencer one.
create table waymark.fact_sequence (last bigint not null);
insert into waymark.fact_sequence values (0);

create table waymark.track_version (
  tenant text collate "C" not null,
  key text collate "C" not null,
  version text collate "C" not null,
  content_hash text collate "C" not null,
  definition text collate "C" not null,
  published_at bigint not null,
  -- A replaced content stays: states that it wrote still have to be read.
  primary key (tenant, key, version, content_hash)
);

create table waymark.rejected (
  tenant text collate "C" not null,
  id text collate "C" not null,
  received_at bigint not null,
  channel text collate "C" not null,
  key_id text collate "C",
  event_id text collate "C",
  name text collate "C",
  problem text collate "C" not null,
  body text collate "C" not null,
  primary key (tenant, id)
);
create index rejected_newest on waymark.rejected (tenant, received_at, id);
create index rejected_by_age on waymark.rejected (received_at);

create table waymark.idempotency (
  tenant text collate "C" not null,
  scope text collate "C" not null,
  input_hash text collate "C" not null,
  answer text collate "C" not null,
  expires_at bigint not null,
  primary key (tenant, scope)
);
create index idempotency_by_expiry on waymark.idempotency (tenant, expires_at);

-- Policies. Partitions are tables of their own: whoever names one directly meets the same wall.
do $$
declare
  part text;
begin
  foreach part in array array['event', 'event_0', 'event_1', 'event_2', 'event_3', 'event_4', 'event_5', 'event_6', 'event_7',
                              'subject_state', 'fact', 'rejected', 'idempotency'] loop
    execute format('alter table waymark.%I enable row level security, force row level security', part);
    execute format(
      'create policy of_tenant on waymark.%I to waymark_app
         using (tenant = (select nullif(current_setting(''app.tenant'', true), '''')))', part);
  end loop;
  foreach part in array array['fact', 'fact_sequence', 'track_version', 'rejected', 'migration'] loop
    execute format('alter table waymark.%I enable row level security, force row level security', part);
    execute format(
      'create policy of_worker on waymark.%I to waymark_worker using ((select current_user) = ''waymark_worker'')', part);
  end loop;
end $$;
grant select, insert, update, delete on waymark.event, waymark.subject_state, waymark.fact, waymark.rejected, waymark.idempotency
  to waymark_app;
grant select, update on waymark.fact, waymark.fact_sequence to waymark_worker;
grant select, insert, update on waymark.track_version to waymark_worker;
grant select, delete on waymark.rejected to waymark_worker;
grant select, insert on waymark.migration to waymark_worker;
