import { type Implementation, implement, type Ports, type Registry } from '@waymark/contract'
import { FACTS } from './contracts/facts.ts'
import type { TrackModel } from './engine/index.ts'
import { TrackDefinitionError } from './errors.ts'
import { dismiss } from './handlers/dismiss.ts'
import { enroll } from './handlers/enroll.ts'
import { enrollMany } from './handlers/enroll-many.ts'
import { eraseLearner } from './handlers/erase-learner.ts'
import { exit } from './handlers/exit.ts'
import { explain } from './handlers/explain.ts'
import { exportLearner } from './handlers/export-learner.ts'
import { funnel, timeToValue } from './handlers/funnel.ts'
import { getProgress } from './handlers/get-progress.ts'
import { group } from './handlers/group.ts'
import { identify } from './handlers/identify.ts'
import { ingest } from './handlers/ingest.ts'
import { cancelJob, getJob, listJobs, listTrackVersions } from './handlers/jobs.ts'
import type { Journey } from './handlers/journey.ts'
import { listRejected } from './handlers/list-rejected.ts'
import { listTracks } from './handlers/list-tracks.ts'
import { listUnknownEvents } from './handlers/list-unknown-events.ts'
import { merge } from './handlers/merge.ts'
import { listEnrolments, listEvents, listFacts, listLearners } from './handlers/operator-lists.ts'
import { backfillTrack, dryRunTrack, publishTrack, rollbackTrack, setTrackStatus } from './handlers/publishing.ts'
import { recordEmitted } from './handlers/record-emitted.ts'
import { recordEvent } from './handlers/record-event.ts'
import { redriveRejected } from './handlers/redrive-rejected.ts'
import { reset } from './handlers/reset.ts'
import { revoke } from './handlers/revoke.ts'
import { simulate } from './handlers/simulate.ts'
import { skipStep } from './handlers/skip-step.ts'
import { snooze } from './handlers/snooze.ts'
import { waiveStep } from './handlers/waive-step.ts'
import { watchFacts } from './handlers/watch-facts.ts'
import { LearningJourneyModule } from './module.ts'
import type { JournalStore, TrackStatusRow, TrackVersionRow } from './ports/index.ts'
import { backfill } from './publishing/backfill.ts'
import { dryRun } from './publishing/dry-run.ts'
import { createJobRunner } from './publishing/job-runner.ts'
import { BACKFILL, DRY_RUN } from './publishing/jobs.ts'
import { createPublisher } from './publishing/publisher.ts'
import { createAlarmClock } from './record/alarm-clock.ts'
import { createCatalogue, liveCatalogue, servable } from './record/catalogue.ts'
import { contractOf } from './record/entry-row.ts'
import { mergeLearners } from './record/follow-merge.ts'
import { computeAccounts, ERASE, forgetLearner } from './record/forget.ts'
import { type PublishMode, publishTracks, servedTracks } from './record/publish.ts'
import { createRecorder } from './record/recorder.ts'
import { type Swept, sweep } from './record/sweep.ts'
import { createTombstones } from './record/tombstones.ts'
import { createUnknownEvents } from './record/unknown-events.ts'
import { createEmittedRelay, type EmittedRelay } from './relay/emitted-relay.ts'
import { createEventRelay, type EventRelay } from './relay/event-relay.ts'
import { createFactFeed } from './relay/fact-feed.ts'
import { createFactRelay } from './relay/fact-relay.ts'
import type { Publish } from './relay/relayed-event.ts'
import { createZoneCalendar } from './time/zone-calendar.ts'
import type { Levels } from './track/define-levels.ts'
import type { Traits } from './track/define-traits.ts'

export interface LearningJourneyOptions {
  /** Has to hold the events that the tracks name, and `LearningJourneyModule`. */
  readonly registry: Registry
  readonly store: JournalStore
  readonly tracks: readonly TrackModel[]
  /** What learners and accounts are like: what the tracks ask of them is checked against it. */
  readonly traits?: Traits | undefined
  /** What experience points amount to; nothing when absent. */
  readonly levels?: Levels | undefined
  readonly publish: PublishMode
  /** Epoch milliseconds. */
  readonly now: () => number
  /** Ids that sort by time (UUIDv7). */
  readonly newId: () => string
  /** A collision-resistant hash as text. */
  readonly hash: (text: string) => string
  /** The same with a secret key, for what must not be found by trying: ids of people who were forgotten. It must not change. */
  readonly keyedHash: (text: string) => string
  /** Calls back after some milliseconds; returns what cancels it. */
  readonly after: Ports['after']
  /** The product events and facts that `relay` hands on, as `key@major`; none when absent. */
  readonly relayed?: ReadonlySet<string>
  /** Told when work in the background failed. It is tried again by itself, but for a subject that a job passed over. */
  readonly onFailure?: (error: unknown) => void
}

export interface LearningJourney {
  readonly implementation: Implementation
  /** The tracks that are served; with `publish: 'manual'` a track at hand can be served in an older version. */
  readonly tracks: readonly TrackModel[]
  /** Tracks at hand that are not published, with `publish: 'manual'`. */
  readonly unpublished: readonly TrackModel[]
  /**
   * Forgets what has to be forgotten by now: payloads whose retention is over, events after the dedupe window, rejected events and the counts of
   * unknown ones after 30 days. To be called from time to time; one that runs already is joined.
   */
  sweep(): Promise<Swept>
  /**
   * Lets pass what time has passed: steps that open, what was due, days of streaks. It happens by itself; this waits for it. Returns how
   * many subjects were looked at.
   */
  wake(): Promise<number>
  /** Does the backfills and dry runs that no other process does. It happens by itself; this waits for it. */
  runJobs(): Promise<void>
  /**
   * Hands on the recorded events and the facts of `relayed`: each at least once, also over crashes, until `publish` resolves. Of what was
   * there before the first time, nothing is. To be called once. `close` of the answer resolves when what is on its way was published or
   * refused, so what carries it has to be closed meanwhile.
   */
  relay(publish: Publish): { close(): Promise<void> }
  /**
   * Records what handlers of other modules emit, as `ingest` records what is reported, with the channel `emit`: each event once, also over
   * crashes. To be called once, and kicked after commits (`onEmitted` of the ports of a runtime); without a kick they are found within about a
   * second. To be closed before the journey.
   */
  recordEmitted(): EmittedRelay
  /** Ends all streams; resolves when everything accepted so far is answered and no sweep runs. The store stays open: it belongs to the caller. */
  close(): Promise<void>
}

const REJECTED_RETENTION_MS = 30 * 24 * 60 * 60 * 1_000
const UNKNOWN_RETENTION_MS = REJECTED_RETENTION_MS

/**
 * Puts the module to work on a store.
 * @throws TrackDefinitionError when a track cannot be served; nothing was started then.
 */
export async function createLearningJourney(options: LearningJourneyOptions): Promise<LearningJourney> {
  const { registry, store, tracks, publish, traits, now, newId, hash, after, onFailure } = options
  // Before anything is published, so that a wrong track leaves no trace.
  createCatalogue(tracks, registry, {}, traits)
  const { unpublished } = await publishTracks(tracks, store, { mode: publish, now: now(), hash })
  const tombstones = createTombstones(store, options.keyedHash)
  let revision = -1
  /** @param version with a status: as if this were published too. */
  const read = async (version?: TrackVersionRow, status?: TrackStatusRow) => {
    // First, so that what changes while it is read is read again.
    const at = await store.readRevision()
    const [allVersions, allStatuses] = await Promise.all([
      store.readTrackVersions(),
      store.readTrackStatus(),
      tombstones.reload(),
    ])
    const versions = version === undefined ? allVersions : [...allVersions, version]
    const statuses = status === undefined ? allStatuses : [...allStatuses.filter(({ key }) => key !== status.key), status]
    const isArchived = ({ key }: TrackModel) => statuses.some((row) => row.key === key && row.status === 'archived')
    const published = servedTracks(tracks, versions, publish, statuses).filter((model) => !isArchived(model))
    const { models, problems } = servable(published, registry, traits)
    if (problems.length > 0) onFailure?.(notServed(problems))
    if (version === undefined) revision = at
    return createCatalogue(models, registry, { versions, statuses }, traits)
  }
  const catalogue = liveCatalogue(await read())
  const reload = async () => catalogue.replace(await read())
  let isClosing = false
  let sweeping: Promise<Swept> | undefined
  const calendar = createZoneCalendar()
  const feed = createFactFeed({ store, now, after, onFailure })
  const shared = { store, hash, catalogue, calendar, now, revision: () => revision, reload, onFacts: feed.kick }
  const clock = createAlarmClock({ ...shared, after, onFailure })
  let eventRelay: EventRelay | undefined
  const onOutgoing = () => eventRelay?.kick()
  const { relayed = new Set<string>() } = options
  const recorder = createRecorder({ ...shared, tombstones, after, relayed, onOutgoing, onAlarm: clock.expect })
  const forgetting = { ...shared, tombstones, newId, onAlarm: clock.expect }
  const jobs = createJobRunner({
    store,
    now,
    after,
    onFailure,
    pages: {
      [BACKFILL]: backfill({ ...shared, onAlarm: clock.expect, onFailure }),
      [DRY_RUN]: dryRun({ ...shared, catalogueWith: read, onFailure }),
      [ERASE]: async (job, progress) => {
        await computeAccounts(forgetting, job)
        return { progress, isDone: true }
      },
    },
  })
  // What fails in it is told, and tried again.
  const onJob = () => void jobs.run().catch(() => {})
  const publisher = createPublisher({ ...shared, newId, onJob })
  const unknownEvents = createUnknownEvents({ store, after, onFailure })
  const merging = { ...shared, onAlarm: clock.expect }
  const journey: Journey = {
    ...shared,
    registry,
    traits,
    levels: options.levels,
    recorder,
    feed,
    tombstones,
    newId,
    publisher,
    unknownEvents,
    onJob,
    merge: (from, into, reporter) => mergeLearners(merging, from, into, reporter),
    forget: (key) => forgetLearner(forgetting, key),
  }
  onJob()
  const implementation = implement(LearningJourneyModule).handlers({
    'learning.onboarding.recordEvent': recordEvent(journey),
    'learning.onboarding.ingest': ingest(journey),
    'learning.onboarding.enroll': enroll(journey),
    'learning.onboarding.enrollMany': enrollMany(journey),
    'learning.onboarding.listTracks': listTracks(journey),
    'learning.onboarding.getProgress': getProgress(journey),
    'learning.onboarding.explain': explain(journey),
    'learning.onboarding.simulate': simulate(journey),
    'learning.onboarding.listRejected': listRejected(journey),
    'learning.onboarding.redriveRejected': redriveRejected(journey),
    'learning.onboarding.listUnknownEvents': listUnknownEvents(journey),
    'learning.onboarding.watchFacts': watchFacts(journey),
    'learning.onboarding.listEvents': listEvents(journey),
    'learning.onboarding.listLearners': listLearners(journey),
    'learning.onboarding.listFacts': listFacts(journey),
    'learning.onboarding.listEnrolments': listEnrolments(journey),
    'learning.onboarding.funnel': funnel(journey),
    'learning.onboarding.timeToValue': timeToValue(journey),
    'learning.onboarding.identify': identify(journey),
    'learning.onboarding.group': group(journey),
    'learning.onboarding.publishTrack': publishTrack(journey),
    'learning.onboarding.rollbackTrack': rollbackTrack(journey),
    'learning.onboarding.setTrackStatus': setTrackStatus(journey),
    'learning.onboarding.listTrackVersions': listTrackVersions(journey),
    'learning.onboarding.backfillTrack': backfillTrack(journey),
    'learning.onboarding.dryRunTrack': dryRunTrack(journey),
    'learning.onboarding.getJob': getJob(journey),
    'learning.onboarding.listJobs': listJobs(journey),
    'learning.onboarding.cancelJob': cancelJob(journey),
    'learning.onboarding.merge': merge(journey),
    'learning.onboarding.exportLearner': exportLearner(journey),
    'learning.onboarding.eraseLearner': eraseLearner(journey),
    'learning.onboarding.skipStep': skipStep(journey),
    'learning.onboarding.waiveStep': waiveStep(journey),
    'learning.onboarding.revoke': revoke(journey),
    'learning.onboarding.exit': exit(journey),
    'learning.onboarding.reset': reset(journey),
    'learning.onboarding.dismiss': dismiss(journey),
    'learning.onboarding.snooze': snooze(journey),
  })
  const isStopped = () => isClosing
  const sweepAll = async () => {
    const swept = await sweep({ ...shared, registry, isStopped, onFailure, onAlarm: clock.expect })
    while (!isClosing && (await store.pruneRejected(now() - REJECTED_RETENTION_MS)) > 0);
    if (!isClosing) await store.pruneUnknownEvents(now() - UNKNOWN_RETENTION_MS)
    return swept
  }
  return {
    implementation,
    get tracks() {
      return catalogue.tracks.map(({ model }) => model)
    },
    unpublished,
    sweep() {
      sweeping ??= sweepAll().finally(() => {
        sweeping = undefined
      })
      return sweeping
    },
    relay(publish) {
      const hashes = { hash, keyedHash: options.keyedHash }
      const relaying = { store, registry, publish, hashes, now, after, onFailure }
      const events = createEventRelay({ ...relaying, events: [...relayed] })
      eventRelay = events
      const factEvents = FACTS.map(({ meta }) => contractOf(meta.key, meta.version)).filter((event) => relayed.has(event))
      const facts = createFactRelay({ ...relaying, feed, events: factEvents, holder: newId() })
      return {
        async close() {
          await Promise.all([events.close(), facts.close()])
        },
      }
    },
    recordEmitted() {
      const events = registry.events.map(({ event, major }) => `${event.meta.key}@${major}`)
      const record = recordEmitted(journey, onFailure)
      return createEmittedRelay({ store, events: [...new Set(events)], record, now, after, onFailure })
    },
    wake: clock.ring,
    runJobs: jobs.run,
    async close() {
      isClosing = true
      await Promise.allSettled([recorder.idle(), sweeping, clock.close(), jobs.close()])
      await unknownEvents.close().catch((error: unknown) => onFailure?.(error))
      await feed.close()
    },
  }
}

function notServed(problems: readonly string[]): TrackDefinitionError {
  const what = 'Published tracks are not served here, and what happens is kept for them'
  const next = 'Bring back what they name, or publish a version that does without:'
  return new TrackDefinitionError('TRACK_LINT', `${what}. ${next}\n${problems.join('\n')}`)
}
