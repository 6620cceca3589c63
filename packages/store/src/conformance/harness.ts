import type { JournalStore } from '@waymark/learning-journey/ports'

/** What the cases work with. */
export interface Harness {
  /** Opens an empty store, which is closed after the test. */
  open(): Promise<JournalStore>
  readonly reopen: ((closed: JournalStore) => Promise<JournalStore>) | undefined
}
