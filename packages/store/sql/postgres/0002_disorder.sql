-- What a rebuild of a track can start from: its packed state after all entries up to a moment. A function of the journal, until
-- retention has blanked what came before.
create table waymark.checkpoint (
  tenant text collate "C" not null,
  subject text collate "C" not null,
  track text collate "C" not null,
  at bigint not null,
  behaviour bigint not null,
  state bytea not null,
  primary key (tenant, subject, track, at)
);
alter table waymark.checkpoint enable row level security, force row level security;
create policy of_tenant on waymark.checkpoint to waymark_app
  using (tenant = (select nullif(current_setting('app.tenant', true), '')));
grant select, insert, update, delete on waymark.checkpoint to waymark_app;

-- Bit 1: something that was imported brought it about.
alter table waymark.fact add column flags smallint not null default 0;

-- Payload format 0: the payload has expired and is empty. The first index finds what is to expire, the second what is to be removed.
create index event_by_age on waymark.event (name, occurred_at) where payload_format > 0 and kind = 'event';
create index event_expired on waymark.event (received_at) where payload_format = 0;
-- The sweep looks for both in all tenants. It does not see what an event says, and removes only what says nothing any more.
create policy of_worker on waymark.event for select to waymark_worker using ((select current_user) = 'waymark_worker');
create policy of_worker_expired on waymark.event for delete to waymark_worker
  using ((select current_user) = 'waymark_worker' and payload_format = 0);
grant select (tenant, subject, source, event_id, kind, name, occurred_at, received_at, payload_format), delete
  on waymark.event to waymark_worker;
