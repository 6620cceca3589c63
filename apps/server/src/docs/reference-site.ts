import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { Implementation, Registry } from '@waymark/contract'
import { FACTS, type TrackModel } from '@waymark/learning-journey'
import { compileTrack } from '@waymark/learning-journey/engine'
import { type Article, type ContractSource, type DocsSite, toDocsSite } from '@waymark/surface/docs'
import { findContractSources, idOf } from './contract-sources.ts'
import { type OwnDocs, ownContracts } from './own-docs.ts'

interface Shown {
  readonly registry: Registry
  readonly tracks: readonly TrackModel[]
  /** Their handlers of events are shown. */
  readonly implementations: readonly Implementation[]
  /** Module files of the user. */
  readonly files: readonly string[]
  /** What the paths of those files are relative to. */
  readonly cwd: string
  /** Where Waymark's own contracts are declared. */
  readonly own: Pick<OwnDocs, 'sources'>
  readonly articles: readonly Article[]
  readonly title?: string
}

/** The documentation of everything that a server serves, with search and sources. */
export async function referenceSite(shown: Shown): Promise<DocsSite> {
  const { registry, tracks, implementations, articles, title } = shown
  return toDocsSite(registry, {
    articles,
    sources: await sourcesOf(shown),
    tracks: tracks.map((track) => ({
      key: track.key,
      version: track.version,
      events: [...compileTrack(track).listeners.keys()],
    })),
    consumers: implementations.flatMap(({ events }) => events),
    facts: new Set(FACTS.map(({ meta }) => meta.key)),
    searchModule: await readFile(fileURLToPath(import.meta.resolve('minisearch')), 'utf8'),
    ...(title === undefined ? {} : { title }),
  })
}

/** A user's contract can have the name of one of ours: only what is served is looked for. */
async function sourcesOf({ registry, files, cwd, own }: Shown): Promise<ReadonlyMap<string, ContractSource>> {
  const served = [...registry.operations.map(({ operation }) => operation), ...registry.events.map(({ event }) => event)]
  const ours = new Set(await ownContracts())
  const scripts = files.filter((file) => /\.m?[jt]s$/.test(file))
  return new Map([
    ...served
      .filter((contract) => ours.has(contract))
      .flatMap((contract) => {
        const source = own.sources.get(idOf(contract))
        return source === undefined ? [] : [[idOf(contract), source] as const]
      }),
    ...(await findContractSources(served, scripts, cwd)),
  ])
}
