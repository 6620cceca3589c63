-- Events that calls emitted, written with their commits, in the order in which they came, until they are recorded. body: JSON text. Nobody
-- else takes one before held_until. No number comes twice.
create table emitted (
  number integer primary key autoincrement,
  tenant text not null,
  subject text not null,
  event text not null,
  body text not null,
  tries integer not null default 0,
  held_until integer not null default 0
) strict;
create index emitted_free on emitted (event, held_until, number);
create index emitted_of_subject on emitted (tenant, subject);
