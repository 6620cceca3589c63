-- When a subject is to be looked at again because time has passed.
create table timer (
  tenant text not null,
  subject text not null,
  at integer not null,
  primary key (tenant, subject)
) strict, without rowid;
create index timer_by_time on timer (at);

-- What operators list: a function of the states, one row for each run.
create table enrolment (
  tenant text not null,
  subject text not null,
  track text not null,
  run integer not null,
  version text not null,
  status text not null check (status in ('active', 'completed', 'missed', 'exited', 'reset')),
  started_at integer not null,
  completed_at integer,
  ended_at integer,
  percent integer not null,
  open_step text,
  held_out integer not null,
  changed_at integer not null,
  primary key (tenant, subject, track, run)
) strict, without rowid;
create index enrolment_newest on enrolment (tenant, started_at);
create index enrolment_of_track on enrolment (tenant, track, started_at);
create index enrolment_by_step on enrolment (tenant, track, open_step, started_at) where open_step is not null;
-- The others are most rows of a track, and soon found among its newest.
create index enrolment_by_end on enrolment (tenant, track, status, started_at) where status in ('missed', 'exited', 'reset');

create table membership (
  tenant text not null,
  learner text not null,
  account text not null,
  since integer not null,
  until integer,
  primary key (tenant, learner, account, since)
) strict, without rowid;
create index membership_of_account on membership (tenant, account);

-- Which subject has the entries of another one. That one has no state.
create table merged (
  tenant text not null,
  subject text not null,
  into_subject text not null,
  merged_at integer not null,
  primary key (tenant, subject)
) strict, without rowid;
create index merged_by_target on merged (tenant, into_subject);

create table tombstone (
  tenant text not null,
  id_hash text not null,
  erased_at integer not null,
  primary key (tenant, id_hash)
) strict, without rowid;

-- The last position of a tenant before facts of it were erased: no later fact takes it again.
create table erased_position (
  tenant text primary key,
  position integer not null
) strict;

create table track_status (
  key text primary key,
  status text not null check (status in ('active', 'paused', 'archived')),
  version text not null,
  policy text not null check (policy in ('carry', 'pin', 'restart', 'exit')),
  generation integer not null,
  changed_at integer not null
) strict;

create table job (
  id text primary key,
  kind text not null,
  status text not null check (status in ('running', 'done', 'cancelled')),
  spec text not null,
  progress text not null,
  created_at integer not null,
  updated_at integer not null,
  -- Nobody else takes the job before.
  held_until integer not null
) strict;

-- One row. It grows with everything that makes what processes know of tracks and of erased people out of date.
create table revision (value integer not null) strict;
insert into revision values (0);

-- Facts of before are about no run that is known here, and not in the rollup. Bit 2 of the flags: the run is held out.
alter table fact add column run_started_at integer not null default 0;
update fact set run_started_at = occurred_at;

-- Facts counted by the UTC day (since 1970) on which their run started. bucket: how long after that, -1 where it is not asked.
create table rollup (
  tenant text not null,
  track text not null,
  day integer not null,
  held_out integer not null,
  step text not null,
  name text not null,
  bucket integer not null,
  count integer not null,
  primary key (tenant, track, day, held_out, step, name, bucket)
) strict, without rowid;

-- Events of a tenant as they came, newest first: read name by name.
create index event_by_arrival on event (tenant, name, received_at);
