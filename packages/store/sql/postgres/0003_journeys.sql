-- When a subject is to be looked at again because time has passed.
create table waymark.timer (
  tenant text collate "C" not null,
  subject text collate "C" not null,
  at bigint not null,
  primary key (tenant, subject)
);
create index timer_by_time on waymark.timer (at);

-- What operators list: a function of the states, one row for each run.
create table waymark.enrolment (
  tenant text collate "C" not null,
  subject text collate "C" not null,
  track text collate "C" not null,
  run integer not null,
  version text collate "C" not null,
  status text collate "C" not null check (status in ('active', 'completed', 'missed', 'exited', 'reset')),
  started_at bigint not null,
  completed_at bigint,
  ended_at bigint,
  percent integer not null,
  open_step text collate "C",
  held_out boolean not null,
  changed_at bigint not null,
  primary key (tenant, subject, track, run)
) with (fillfactor = 80);
create index enrolment_newest on waymark.enrolment (tenant, started_at);
create index enrolment_of_track on waymark.enrolment (tenant, track, started_at);
create index enrolment_by_step on waymark.enrolment (tenant, track, open_step, started_at) where open_step is not null;
-- The others are most rows of a track, and soon found among its newest.
create index enrolment_by_end on waymark.enrolment (tenant, track, status, started_at) where status in ('missed', 'exited', 'reset');

create table waymark.membership (
  tenant text collate "C" not null,
  learner text collate "C" not null,
  account text collate "C" not null,
  since bigint not null,
  until bigint,
  primary key (tenant, learner, account, since)
);
create index membership_of_account on waymark.membership (tenant, account);

-- Which subject has the entries of another one. That one has no state.
create table waymark.merged (
  tenant text collate "C" not null,
  subject text collate "C" not null,
  into_subject text collate "C" not null,
  merged_at bigint not null,
  primary key (tenant, subject)
);
create index merged_by_target on waymark.merged (tenant, into_subject);

create table waymark.tombstone (
  tenant text collate "C" not null,
  id_hash text collate "C" not null,
  erased_at bigint not null,
  primary key (tenant, id_hash)
);

create table waymark.track_status (
  key text collate "C" primary key,
  status text collate "C" not null check (status in ('active', 'paused', 'archived')),
  version text collate "C" not null,
  policy text collate "C" not null check (policy in ('carry', 'pin', 'restart', 'exit')),
  generation bigint not null,
  changed_at bigint not null
);

create table waymark.job (
  id text collate "C" primary key,
  kind text collate "C" not null,
  status text collate "C" not null check (status in ('running', 'done', 'cancelled')),
  spec text collate "C" not null,
  progress text collate "C" not null,
  created_at bigint not null,
  updated_at bigint not null,
  -- Nobody else takes the job before.
  held_until bigint not null
);

-- One row. It grows with everything that makes what processes know of tracks and of erased people out of date.
create table waymark.revision (value bigint not null);
insert into waymark.revision values (0);

-- Facts of before are about no run that is known here, and not in the rollup. Bit 2 of the flags: the run is held out.
-- bucket: null where the rollup does not count the fact, else the bucket that it is counted in.
alter table waymark.fact add column run_started_at bigint not null default 0, add column bucket smallint;

-- Facts counted, as they get their positions, by the UTC day (since 1970) on which their run started. bucket: how long after that, -1
-- where it is not asked.
create table waymark.rollup (
  tenant text collate "C" not null,
  track text collate "C" not null,
  day integer not null,
  held_out boolean not null,
  step text collate "C" not null,
  name text collate "C" not null,
  bucket smallint not null,
  count bigint not null,
  primary key (tenant, track, day, held_out, step, name, bucket)
);

-- Events of a tenant as they came, newest first: read name by name.
create index event_by_arrival on waymark.event (tenant, name, received_at);

do $$
declare
  needed text;
begin
  foreach needed in array array['timer', 'enrolment', 'membership', 'merged', 'tombstone', 'track_status', 'job', 'revision', 'rollup'] loop
    execute format('alter table waymark.%I enable row level security, force row level security', needed);
  end loop;
  foreach needed in array array['timer', 'enrolment', 'membership', 'merged', 'tombstone', 'rollup'] loop
    execute format(
      'create policy of_tenant on waymark.%I to waymark_app
         using (tenant = (select nullif(current_setting(''app.tenant'', true), '''')))', needed);
  end loop;
  foreach needed in array array['timer', 'tombstone', 'track_status', 'job', 'revision', 'rollup'] loop
    execute format(
      'create policy of_worker on waymark.%I to waymark_worker using ((select current_user) = ''waymark_worker'')', needed);
  end loop;
end $$;
-- A round reads the revision.
create policy of_tenant on waymark.revision for select to waymark_app
  using ((select nullif(current_setting('app.tenant', true), '')) is not null);
grant select on waymark.revision to waymark_app;
grant select, insert, update, delete on waymark.timer, waymark.enrolment, waymark.membership, waymark.merged, waymark.tombstone
  to waymark_app;
grant select on waymark.rollup to waymark_app;
grant select, update on waymark.timer, waymark.revision to waymark_worker;
grant select on waymark.tombstone to waymark_worker;
grant select, insert, update on waymark.track_status, waymark.job, waymark.rollup to waymark_worker;
-- For the accounts that have entries.
grant select (account) on waymark.event to waymark_worker;

-- The owner sees no rows of its own tables.
set local role waymark_worker;
update waymark.fact set run_started_at = occurred_at;
reset role;
