import { createHmac, hash } from 'node:crypto'
import { createRuntime, DefinitionError, type Implementation, implement, type Registry, type Runtime } from '@waymark/contract'
import {
  createLearningJourney,
  type LearningJourney,
  LearningJourneyModule,
  type PublishMode,
  TrackDefinitionError,
  type TrackModel,
} from '@waymark/learning-journey'
import type { JournalStore } from '@waymark/learning-journey/ports'
import { createRest, createStreamSlots, type Rest } from '@waymark/surface/rest'
import { createAuthenticate } from './auth/authenticate.ts'
import { DEFAULT_TENANT } from './auth/default-tenant.ts'
import { createLearnerTokens } from './auth/learner-tokens.ts'
import { startBus } from './bus/start-bus.ts'
import { type BackupOptions, backup } from './database/backup.ts'
import { ServerModule } from './database/contracts.ts'
import { createDocsDoor } from './docs/docs-door.ts'
import { ServerError } from './errors.ts'
import { graphqlEndpoints } from './graphql-endpoints.ts'
import type { Logger } from './logger.ts'
import { mcpEndpoint } from './mcp.ts'
import { type DefinitionFile, type Definitions, formatProblem } from './modules/definitions.ts'
import { loadDefinitions, SAMPLE } from './modules/load-definitions.ts'
import { type MergedDefinitions, mergeDefinitions } from './modules/merge-definitions.ts'
import { withPlace } from './modules/with-place.ts'
import { publishModeOf, type Settings } from './settings.ts'
import { sweepRegularly } from './sweep-regularly.ts'
import { type TryIt, toTryIt } from './try-it.ts'
import { createUuidV7 } from './uuid-v7.ts'
import { ownLicense } from './version.ts'

/** Definitions that can be served, before there is a store. */
export interface Prepared extends MergedDefinitions {
  /** The files of modules. */
  readonly files: readonly string[]
  readonly isSample: boolean
}

/** The files of `WAYMARK_MODULES`, or what the caller passes, checked. */
export async function prepare(paths: readonly string[], given: Definitions | undefined): Promise<Prepared> {
  const loaded = given === undefined ? await loadDefinitions(paths) : { ok: true as const, files: [toFile(given)] }
  const merged = loaded.ok ? mergeDefinitions(loaded.files) : loaded
  if (!merged.ok) {
    const placed = await Promise.all(merged.problems.map(withPlace))
    throw new ServerError('DEFINITIONS_INVALID', placed.map(formatProblem))
  }
  return {
    ...merged.definitions,
    files: given === undefined ? paths : [],
    isSample: loaded.ok && loaded.files.some(({ file }) => file === SAMPLE),
  }
}

/** What the API may be used under: ours is known, that of others they say. */
export function licenseOf({ isSample }: Prepared, { license }: Pick<Settings, 'license'>): string | undefined {
  return license ?? (isSample ? ownLicense : undefined)
}

/** Everything of a server but its socket. */
export interface Composed {
  /** Answers a request. Never rejects. */
  readonly fetch: Rest['fetch']
  /** The tracks that are served. */
  readonly tracks: readonly TrackModel[]
  readonly unpublished: readonly TrackModel[]
  readonly tryIt: TryIt
  close(): Promise<void>
}

interface ComposeOptions {
  readonly prepared: Prepared
  readonly store: JournalStore
  /** Copies the database; undefined where it is no file. */
  readonly copyDatabase: BackupOptions['copy']
  /** The working directory of the server. */
  readonly cwd: string
  readonly settings: Pick<Settings, 'publish' | 'database' | 'learnerSecret' | 'postHogGroup' | 'license'> & {
    /** Where it listens; absent where that is another server's business. */
    readonly host?: string
    readonly corsOrigins?: readonly string[]
  }
  /** Instead of the setting. */
  readonly publish?: PublishMode | undefined
  readonly secretKey: string
  readonly version: string
  readonly logger: Logger
  /** Whether calls are taken; the store is asked besides. */
  readonly ready: () => boolean
}

/** Joins definitions, store and surface. */
export async function compose(options: ComposeOptions): Promise<Composed> {
  const { prepared, store, settings, secretKey, version, logger, ready } = options
  const { registry, implementations, mappings } = prepared
  const now = Date.now
  const newId = createUuidV7(now)
  const relayed = handledEvents(registry, implementations)
  let emitted: ReturnType<LearningJourney['recordEmitted']> | undefined
  const journey = await createLearningJourney({
    registry,
    store,
    tracks: prepared.tracks,
    traits: prepared.traits,
    publish: options.publish ?? publishModeOf(settings),
    relayed,
    levels: prepared.levels,
    now,
    newId,
    hash: shortHash,
    keyedHash: (text) => createHmac('sha256', secretKey).update(text).digest('base64url'),
    after,
    onFailure: (error) => logger.warn({ err: error }, 'something in the background failed'),
  }).catch((error: unknown) => {
    throw error instanceof TrackDefinitionError && error.code === 'TRACK_CONTENT_CHANGED'
      ? new ServerError('TRACKS_CHANGED', [error.message], { cause: error })
      : error
  })
  try {
    const own = implement(ServerModule).handlers({
      'server.database.backup': backup({ copy: options.copyDatabase, cwd: options.cwd, now, logger }),
    })
    const runtime = toRuntime({
      registry,
      implementations: [journey.implementation, own, ...implementations],
      ports: {
        now,
        newId,
        hash: shortHash,
        after,
        unitOfWork: store.unitOfWork,
        onEmitted: () => emitted?.kick(),
        onFailure: ({ requestId, operation, error }) => logger.error({ requestId, operation, err: error }, 'a call failed'),
      },
    })
    const tokens = createLearnerTokens(settings.learnerSecret, (error) =>
      logger.warn({ reason: String(error) }, 'a learner token could not be checked'),
    )
    const authenticate = createAuthenticate(secretKey, tokens)
    const slots = createStreamSlots()
    const { host, corsOrigins = [] } = settings
    const mcp = mcpEndpoint({ runtime, authenticate, version, loopbackOnly: isLoopback(host), corsOrigins })
    const graphql = await graphqlEndpoints({ runtime, authenticate, slots }).catch(asDefinitionProblem)
    const rest = createRest({
      runtime,
      authenticate,
      slots,
      endpoints: [...graphql, mcp],
      mappings,
      postHogGroup: settings.postHogGroup,
      version,
      license: licenseOf(prepared, settings),
      ready: () => ready() && canRead(store),
    })
    const docs = createDocsDoor(
      async () => {
        const { serverSite } = await import('./docs/server-site.ts')
        return serverSite({ registry, implementations, tracks: journey.tracks, files: prepared.files, cwd: options.cwd })
      },
      (error) => logger.error({ err: error }, 'the documentation could not be made'),
    )
    // Without handlers of events nobody would hear anything.
    const bus = relayed.size > 0 ? await startBus({ runtime, journey, mappings, logger, after }) : undefined
    if (implementations.some(emits)) emitted = journey.recordEmitted()
    const { tracks } = journey
    const stopSweeping = sweepRegularly(journey.sweep, logger, after)
    return {
      fetch: (request, info) => docs(request) ?? rest.fetch(request, info),
      tracks,
      unpublished: journey.unpublished,
      tryIt: toTryIt(tracks, registry),
      async close() {
        stopSweeping()
        // What it records goes on over the bus.
        await emitted?.close()
        await bus?.close()
        await journey.close()
      },
    }
  } catch (error) {
    // Its relay runs already.
    await journey.close()
    throw error
  }
}

/** The events that have handlers, as `key@major`. */
function handledEvents(registry: Registry, implementations: readonly Implementation[]): ReadonlySet<string> {
  const names = implementations.flatMap(({ events }) => events.map(({ name }) => name.split('@')))
  const entries = names.map(([key = '', version]) => registry.event(key, version))
  // One that nobody declares is refused where the runtime is made.
  return new Set(entries.flatMap((entry) => (entry === undefined ? [] : [`${entry.event.meta.key}@${entry.major}`])))
}

/** The learning journey writes its facts itself. */
function emits({ module: { key, contracts } }: Implementation): boolean {
  return (
    key !== LearningJourneyModule.key && contracts.some((contract) => contract.kind === 'command' && contract.emits.length > 0)
  )
}

function after(milliseconds: number, call: () => void): () => void {
  const timer = setTimeout(call, milliseconds)
  return () => clearTimeout(timer)
}

/** Two files may implement the same module. */
function toRuntime(options: Parameters<typeof createRuntime>[0]): Runtime {
  try {
    return createRuntime(options)
  } catch (error) {
    return asDefinitionProblem(error)
  }
}

function asDefinitionProblem(error: unknown): never {
  throw error instanceof DefinitionError ? new ServerError('DEFINITIONS_INVALID', [error.message], { cause: error }) : error
}

/** A database thread that died takes no more calls. */
function canRead(store: JournalStore): Promise<boolean> {
  return store.readState({ tenant: DEFAULT_TENANT, subject: 'l:' }).then(
    () => true,
    () => false,
  )
}

/** 132 bits of SHA-256: short enough to store with every row, far from any collision. */
function shortHash(text: string): string {
  return hash('sha256', text, 'base64url').slice(0, 22)
}

/** Only programs of this machine reach such an address, and web pages that its browsers show. */
function isLoopback(host = ''): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host)
}

function toFile({ modules = [], implementations = [], tracks = [], mappings = [], traits, levels }: Definitions): DefinitionFile {
  const all = [...modules, ...implementations.map(({ module }) => module)]
  return { file: 'the definitions that were passed', modules: all, implementations, tracks, mappings, traits, levels }
}
