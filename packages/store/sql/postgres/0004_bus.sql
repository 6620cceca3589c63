-- Which events were handled by whom. Rows may go once they have expired.
create table waymark.inbox (
  tenant text collate "C" not null,
  handler text collate "C" not null,
  source text collate "C" not null,
  event_id text collate "C" not null,
  expires_at bigint not null,
  primary key (tenant, handler, source, event_id)
);
create index inbox_by_expiry on waymark.inbox (tenant, expires_at);
-- Ids begin with a hash of the person that they are about, by which they are forgotten.
create index inbox_by_event on waymark.inbox (tenant, event_id);
alter table waymark.inbox enable row level security, force row level security;
create policy of_tenant on waymark.inbox to waymark_app
  using (tenant = (select nullif(current_setting('app.tenant', true), '')));
grant select, insert, update, delete on waymark.inbox to waymark_app;

-- What is still to be handed on, in the order in which it came: events, and facts that failed in their turn. Nobody else takes one before
-- held_until.
create table waymark.outgoing (
  number bigint generated always as identity primary key,
  tenant text collate "C" not null,
  subject text collate "C" not null,
  kind text collate "C" not null check (kind in ('entry', 'fact')),
  source text collate "C" not null,
  event_id text collate "C" not null,
  event text collate "C" not null,
  tries integer not null default 0,
  held_until bigint not null default 0,
  unique (tenant, subject, kind, source, event_id)
);
create index outgoing_free on waymark.outgoing (event, held_until, number);

-- Up to where the facts of one contract were handed on, of each tenant. Only its holder moves it.
create table waymark.fact_cursor (
  relay text collate "C" not null,
  tenant text collate "C" not null,
  position bigint not null,
  holder text collate "C" not null,
  held_until bigint not null,
  primary key (relay, tenant)
);
do $$
declare
  needed text;
begin
  foreach needed in array array['outgoing', 'fact_cursor'] loop
    execute format('alter table waymark.%I enable row level security, force row level security', needed);
    execute format(
      'create policy of_worker on waymark.%I to waymark_worker using ((select current_user) = ''waymark_worker'')', needed);
  end loop;
end $$;
create policy of_tenant on waymark.outgoing to waymark_app
  using (tenant = (select nullif(current_setting('app.tenant', true), '')));
grant select, insert, delete on waymark.outgoing to waymark_app;
grant select, insert, update, delete on waymark.outgoing to waymark_worker;
grant select, insert, update on waymark.fact_cursor to waymark_worker;
