/** The operations that change what is served. */
import { type CallInfo, type ContractError, canonicalJson, type GroupHandler, type Principal } from '@waymark/contract'
import type {
  BackfillTrackContract,
  DryRunTrackContract,
  PublishTrackContract,
  RollbackTrackContract,
  SetTrackStatusContract,
} from '../contracts/publishing.ts'
import { checkDefinition } from '../publishing/check-definition.ts'
import { DRY_RUN, newJob } from '../publishing/jobs.ts'
import type { Changed, Obstacle } from '../publishing/publisher.ts'
import type { Finding } from '../track/finding.ts'
import type { Journey } from './journey.ts'
import { trackNotFound } from './track-not-found.ts'

/** `learning.onboarding.publishTrack`: lints it, serves it, and adds the job that brings everybody to it. */
export function publishTrack(journey: Journey): GroupHandler<typeof PublishTrackContract> {
  return {
    commit: 'group',
    handle: async ({ input, fail, check }) => {
      const { track, findings } = checkDefinition(journey, input.definition, fail.VALIDATION_FAILED)
      const done = await journey.publisher.publish(track, input.policy ?? 'carry')
      const { key, version } = track
      if (done.kind === 'taken') {
        const detail = `${key}@${version} was published with another content. Give the change a new version.`
        throw fail.VERSION_TAKEN({ detail, data: { trackId: key, version } })
      }
      return answer(check, { ...publishedOf(key, settled(done, key, fail)), findings: worth(findings) })
    },
  }
}

/** `learning.onboarding.rollbackTrack`: publishes a stored version once more. */
export function rollbackTrack(journey: Journey): GroupHandler<typeof RollbackTrackContract> {
  return {
    commit: 'group',
    handle: async ({ input, principal, call, fail, check }) => {
      const { trackId, version = null } = input
      const done = await journey.publisher.rollback(trackId, input.version, idOfJob(journey, 'rollback', principal, call, input))
      if (done.kind === 'unknown') throw fail.TRACK_NOT_FOUND(trackNotFound(journey.catalogue, trackId))
      if (done.kind === 'no_version') {
        const published = [...done.published]
        const what = version === null ? 'no version but the one that is served' : `no published version ${version}`
        const detail = `${trackId} has ${what}. Published: ${published.join(', ')}.`
        throw fail.VERSION_NOT_FOUND({ detail, data: { trackId, version, published } })
      }
      return answer(check, { ...publishedOf(trackId, settled(done, trackId, fail)), findings: [] })
    },
  }
}

/** `learning.onboarding.setTrackStatus`: a track that goes on is computed again, with all that happened meanwhile. */
export function setTrackStatus({ catalogue, publisher }: Journey): GroupHandler<typeof SetTrackStatusContract> {
  return {
    commit: 'group',
    handle: async ({ input, fail, check }) => {
      const { trackId } = input
      const done = await publisher.setStatus(trackId, input.status)
      if (done.kind === 'unknown') throw fail.TRACK_NOT_FOUND(trackNotFound(catalogue, trackId))
      if (done.kind === 'in_use') {
        const detail = `${done.by.join(', ')} come after ${trackId} and would never start again. Archive them first.`
        throw fail.TRACK_IN_USE({ detail, data: { trackId, by: [...done.by] } })
      }
      const { version, status, isNew: changed, jobId } = done
      return answer(check, { success: true, trackId, version, status, changed, jobId })
    },
  }
}

/** `learning.onboarding.backfillTrack`: adds the job. */
export function backfillTrack(journey: Journey): GroupHandler<typeof BackfillTrackContract> {
  return {
    commit: 'group',
    handle: async ({ input, principal, call, fail, check }) => {
      const { trackId } = input
      const done = await journey.publisher.backfill(trackId, idOfJob(journey, 'backfill', principal, call, input))
      if (done.kind === 'unknown') throw fail.TRACK_NOT_FOUND(trackNotFound(journey.catalogue, trackId))
      const { version, jobId } = settled(done, trackId, fail)
      return answer(check, { success: true, trackId, version, jobId })
    },
  }
}

/** `learning.onboarding.dryRunTrack`: adds a job that looks and writes nothing. */
export function dryRunTrack(journey: Journey): GroupHandler<typeof DryRunTrackContract> {
  const { store, now, onJob } = journey
  return {
    commit: 'group',
    handle: async ({ input, principal, call, fail, check }) => {
      const { track, findings } = checkDefinition(journey, input.definition, fail.VALIDATION_FAILED)
      const { key, version } = track
      const { policy = 'carry', sample = null } = input
      const at = now()
      const spec = { tenant: principal.tenant, track: key, version, definition: track, policy, at, sample }
      const job = newJob(DRY_RUN, idOfJob(journey, 'dry-run', principal, call, input), spec, at)
      await store.addJob(job)
      onJob()
      return answer(check, { success: true, trackId: key, version, jobId: job.id, findings: worth(findings) })
    },
  }
}

interface Refusals {
  BACKFILL_RUNNING(init: { detail: string; data: { trackId: string; jobId: string } }): ContractError
  TRACK_PAUSED(init: { detail: string; data: { trackId: string; status: 'active' | 'paused' | 'archived' } }): ContractError
}

/** The same for a call that comes again under its key with the same input, so that it finds the job that it added. */
function idOfJob(
  { newId, hash }: Pick<Journey, 'newId' | 'hash'>,
  what: string,
  { tenant }: Pick<Exclude<Principal, { kind: 'invalid' }>, 'tenant'>,
  { idempotencyKey }: CallInfo,
  input: unknown,
): string {
  return idempotencyKey === undefined ? newId() : hash([what, tenant, idempotencyKey, canonicalJson(input)].join('\0'))
}

/** What was changed, or what is in the way of every change. */
function settled<Done extends Changed>(done: Done | Obstacle, trackId: string, fail: Refusals): Done {
  if (done.kind === 'changed') return done as Done
  if (done.kind === 'backfill') {
    const { jobId } = done
    const detail = `The backfill ${jobId} of ${trackId} is running. Wait for it, or cancel it.`
    throw fail.BACKFILL_RUNNING({ detail, data: { trackId, jobId } })
  }
  const { status } = done
  throw fail.TRACK_PAUSED({ detail: `${trackId} is ${status}. Resume it first.`, data: { trackId, status } })
}

function publishedOf(trackId: string, { version, policy, isNew, jobId }: Changed) {
  return { success: true as const, trackId, version, policy, published: isNew, jobId }
}

/** Errors refused it. */
function worth(findings: readonly Finding[]) {
  return findings.flatMap(({ severity, ...rest }) => (severity === 'error' ? [] : [{ severity, ...rest }]))
}

function answer<Output, Checked>(
  check: (output: Output) => { readonly ok: true; readonly output: Checked } | { readonly ok: false; readonly error: Error },
  output: Output,
): Checked {
  const checked = check(output)
  if (!checked.ok) throw checked.error
  return checked.output
}
