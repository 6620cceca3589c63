/** The interfaces through which the journey module reaches the world. */
export type {
  AppendOutcome,
  Derived,
  EntryRow,
  FactQuery,
  FactRow,
  HistoryRequest,
  JournalStore,
  RejectedRow,
  Round,
  StateWrite,
  StoredFact,
  StoreFailure,
  SubjectKey,
  SubjectState,
  TrackVersionRow,
} from './journal-store.ts'
