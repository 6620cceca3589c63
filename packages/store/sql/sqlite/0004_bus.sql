-- Which events were handled by whom. Rows may go once they have expired.
create table inbox (
  tenant text not null,
  handler text not null,
  source text not null,
  event_id text not null,
  expires_at integer not null,
  primary key (tenant, handler, source, event_id)
) strict, without rowid;
create index inbox_by_expiry on inbox (expires_at);
