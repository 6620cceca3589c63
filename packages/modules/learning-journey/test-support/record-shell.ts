import type { CheckedOutput } from '@waymark/contract'
import { type TrackModel, utcCalendar } from '../src/engine/index.ts'
import type { SubjectKey, TrackStatusRow } from '../src/ports/index.ts'
import { assess, controlEntry, type Prepared, type Report, type ReportedEvent } from '../src/record/assess.ts'
import { createCatalogue, liveCatalogue } from '../src/record/catalogue.ts'
import { createRecorder } from '../src/record/recorder.ts'
import type { Job, Recorded } from '../src/record/round.ts'
import { createTombstones } from '../src/record/tombstones.ts'
import { registry } from './crm.ts'
import { START } from './entries.ts'
import { createFakeStore, type FakeStore } from './fake-store.ts'
import { SERVICE, sha256 } from './journey-process.ts'
import { createManualTimers } from './manual-timers.ts'

/** The record path of one process on a fake store, without the operations around it. Its time passes only when a test says so. */
export function createShell(
  models: readonly TrackModel[],
  {
    store = createFakeStore(),
    timers = createManualTimers(),
    onAlarm = () => {},
  }: {
    readonly store?: FakeStore
    readonly timers?: ReturnType<typeof createManualTimers>
    readonly onAlarm?: (at: number) => void
  } = {},
) {
  const catalogue = liveCatalogue(createCatalogue(models, registry))
  const tombstones = createTombstones(store, sha256)
  let revision = store.tables.revision
  const shell = {
    store,
    timers,
    catalogue,
    tombstones,
    hash: sha256,
    calendar: utcCalendar,
    now: () => START + timers.now(),
    after: timers.after,
    revision: () => revision,
    /** How often tracks and tombstones were read. */
    reloads: 0,
    async reload() {
      shell.reloads += 1
      revision = await store.readRevision()
      const statuses = await store.readTrackStatus()
      await tombstones.reload()
      catalogue.replace(createCatalogue(models, registry, { statuses }))
    },
    failures: [] as unknown[],
    /** An event that is received now. */
    event(learnerId: string, eventName: string, rest: Partial<ReportedEvent> = {}): Prepared {
      const report = { principal: SERVICE, channel: 'rest', receivedAt: shell.now(), fallbackId: () => `id-${++ids}` } as Report
      const found = assess({ registry, catalogue, hash: sha256 }, { learnerId, eventName, ...rest }, report)
      if (!('prepared' in found)) throw new Error(`Expected an entry, got ${JSON.stringify(found)}`)
      return found.prepared
    },
    /** A control entry that is written now. */
    control(subject: string, name: string, payload: { readonly trackId?: string }): Prepared {
      const now = shell.now()
      const control = {
        name,
        subject,
        track: payload.trackId ?? null,
        eventId: `c-${++ids}`,
        occurredAt: now,
        claimedAt: null,
        payload,
      }
      return controlEntry(control, { principal: SERVICE as Report['principal'], channel: 'rest', receivedAt: now }, sha256)
    },
    /** Records entries in one round, and says what became of each. */
    async record(prepared: readonly Prepared[], rest: Partial<Job> = {}): Promise<readonly Recorded[]> {
      const finish: Job['finish'] = (recorded) => ({ ok: true, output: recorded as unknown as CheckedOutput })
      const output = await recorder.submit({ prepared, rejected: [], trace: true, finish, ...rest })
      return output as unknown as readonly Recorded[]
    },
    /** `name step` of the facts of a subject, in order. */
    facts: (subject: string) =>
      store.facts
        .filter((fact) => fact.subject === subject)
        .map(({ name, step }) => `${name.slice(20)}${step === null ? '' : ` ${step}`}`),
    /** In how many seconds the alarm of each subject is. */
    alarms: () => store.tables.timers.map(({ subject, at }) => `${subject} ${(at - shell.now()) / 1_000}`),
  }
  let ids = 0
  const recorder = createRecorder({ ...shell, onAlarm })
  return shell
}

/** How a track is served from now on. */
export function status(key: string, rest: Partial<TrackStatusRow> = {}): TrackStatusRow {
  return { key, status: 'active', version: '1.0.0', policy: 'carry', generation: 0, changedAt: START, ...rest }
}

export function learner(id: string): SubjectKey {
  return { tenant: 'acme', subject: `l:${id}` }
}
