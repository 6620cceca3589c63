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
alter table waymark.inbox enable row level security, force row level security;
create policy of_tenant on waymark.inbox to waymark_app
  using (tenant = (select nullif(current_setting('app.tenant', true), '')));
grant select, insert, update, delete on waymark.inbox to waymark_app;
