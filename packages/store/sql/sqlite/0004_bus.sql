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
-- Ids begin with a hash of the person that they are about, by which they are forgotten.
create index inbox_by_event on inbox (tenant, event_id);

-- What is still to be handed on, in the order in which it came: events, and facts that failed in their turn. Nobody else takes one before
-- held_until. No number comes twice.
create table outgoing (
  number integer primary key autoincrement,
  tenant text not null,
  subject text not null,
  kind text not null check (kind in ('entry', 'fact')),
  source text not null,
  event_id text not null,
  event text not null,
  tries integer not null default 0,
  held_until integer not null default 0,
  unique (tenant, subject, kind, source, event_id)
) strict;
create index outgoing_free on outgoing (event, held_until, number);

-- Up to where the facts of one contract were handed on, of each tenant. Only its holder moves it.
create table fact_cursor (
  relay text not null,
  tenant text not null,
  position integer not null,
  holder text not null,
  held_until integer not null,
  primary key (relay, tenant)
) strict, without rowid;
