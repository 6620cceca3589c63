-- What a rebuild of a track can start from: its packed state after all entries up to a moment. A function of the journal, until
-- retention has blanked what came before.
create table checkpoint (
  tenant text not null,
  subject text not null,
  track text not null,
  at integer not null,
  behaviour integer not null,
  state blob not null,
  primary key (tenant, subject, track, at)
) strict, without rowid;

-- Bit 1: something that was imported brought it about.
alter table fact add column flags integer not null default 0;

-- Payload format 0: the payload has expired and is empty. The first index finds what is to expire, the second what is to be removed.
create index event_by_age on event (name, occurred_at) where payload_format > 0 and kind = 'event';
create index event_expired on event (received_at) where payload_format = 0;
