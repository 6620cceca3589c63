-- What operators list with a filter is found by an index, however rare it is: runs by their status within each track, facts by their name
-- within each track. A run is listed without a status by putting its five together.
create index enrolment_by_status on waymark.enrolment (tenant, track, status, started_at);
drop index waymark.enrolment_of_track, waymark.enrolment_by_end;
create index fact_by_name on waymark.fact (tenant, track, name, position) where position is not null;
-- With the source, so that what comes from elsewhere is passed over without a look at the event.
drop index waymark.event_by_arrival;
create index event_by_arrival on waymark.event (tenant, name, received_at, source);
