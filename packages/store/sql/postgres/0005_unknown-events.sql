-- Events that no contract and no mapping knows, counted by name. samples: what some of them looked like, JSON text.
create table waymark.unknown_event (
  tenant text collate "C" not null,
  name text collate "C" not null,
  count bigint not null,
  first_at bigint not null,
  last_at bigint not null,
  samples text collate "C" not null,
  primary key (tenant, name)
);

alter table waymark.unknown_event enable row level security, force row level security;
create policy of_tenant on waymark.unknown_event to waymark_app
  using (tenant = (select nullif(current_setting('app.tenant', true), '')));
create policy of_worker on waymark.unknown_event to waymark_worker using ((select current_user) = 'waymark_worker');
grant select, insert, update, delete on waymark.unknown_event to waymark_app;
grant select (last_at), delete on waymark.unknown_event to waymark_worker;
