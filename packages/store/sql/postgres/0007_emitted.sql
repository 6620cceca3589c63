-- Events that calls emitted, written with their commits, in the order in which they came, until they are recorded. body: JSON text, which
-- only the tenant reads. Nobody else takes one before held_until.
create table waymark.emitted (
  number bigint generated always as identity primary key,
  tenant text collate "C" not null,
  subject text collate "C" not null,
  event text collate "C" not null,
  body text collate "C" not null,
  tries integer not null default 0,
  held_until bigint not null default 0
);
create index emitted_free on waymark.emitted (event, held_until, number);
create index emitted_of_subject on waymark.emitted (tenant, subject);

alter table waymark.emitted enable row level security, force row level security;
create policy of_tenant on waymark.emitted to waymark_app
  using (tenant = (select nullif(current_setting('app.tenant', true), '')));
create policy of_worker on waymark.emitted to waymark_worker using ((select current_user) = 'waymark_worker');
grant select, insert, delete on waymark.emitted to waymark_app;
grant select (number, tenant, subject, event, tries, held_until), update (tries, held_until), delete on waymark.emitted to waymark_worker;
