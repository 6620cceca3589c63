-- Events that no contract and no mapping knows, counted by name. samples: what some of them looked like, JSON text.
create table unknown_event (
  tenant text not null,
  name text not null,
  count integer not null,
  first_at integer not null,
  last_at integer not null,
  samples text not null,
  primary key (tenant, name)
) strict, without rowid;
