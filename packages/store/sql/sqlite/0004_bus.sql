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

-- Events that are still to be handed on, in the order in which they came. Nobody else takes one before held_until.
create table outgoing (
  number integer primary key,
  tenant text not null,
  subject text not null,
  source text not null,
  event_id text not null,
  held_until integer not null default 0,
  unique (tenant, subject, source, event_id)
) strict;

-- Up to where the facts of a tenant were handed on, by whom.
create table fact_cursor (
  relay text not null,
  tenant text not null,
  position integer not null,
  held_until integer not null,
  primary key (relay, tenant)
) strict, without rowid;
