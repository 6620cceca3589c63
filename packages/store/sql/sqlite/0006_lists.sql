-- What operators list with a filter is found by an index, however rare it is: runs by their status within each track, facts by their name
-- within each track. A run is listed without a status by putting its five together.
create index enrolment_by_status on enrolment (tenant, track, status, started_at);
drop index enrolment_of_track;
drop index enrolment_by_end;
create index fact_by_name on fact (tenant, track, name);
-- With the source, so that what comes from elsewhere is passed over without a look at the event.
drop index event_by_arrival;
create index event_by_arrival on event (tenant, name, received_at, source);
