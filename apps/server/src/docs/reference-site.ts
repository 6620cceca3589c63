import { globSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Implementation, Registry } from '@waymark/contract'
import type { TrackModel } from '@waymark/learning-journey'
import { compileTrack } from '@waymark/learning-journey/engine'
import { type DocsSite, toDocsSite } from '@waymark/surface/docs'
import { findContractSources } from './contract-sources.ts'

interface Shown {
  readonly registry: Registry
  readonly tracks: readonly TrackModel[]
  /** Their handlers of events are shown. */
  readonly implementations: readonly Implementation[]
  /** Module files of the user. */
  readonly files: readonly string[]
  /** What the paths of files are relative to. */
  readonly cwd: string
  readonly title?: string
}

/** The reference of everything that a server serves, with search and sources. */
export async function referenceSite({ registry, tracks, implementations, files, cwd, title }: Shown): Promise<DocsSite> {
  const scripts = [...files, ...ownContractFiles()].filter((file) => /\.m?[jt]s$/.test(file))
  return toDocsSite(registry, {
    sources: await findContractSources(registry, scripts, cwd),
    tracks: tracks.map((track) => ({
      key: track.key,
      version: track.version,
      events: [...compileTrack(track).listeners.keys()],
    })),
    consumers: implementations.flatMap(({ events }) => events),
    searchModule: await readFile(fileURLToPath(import.meta.resolve('minisearch')), 'utf8'),
    ...(title === undefined ? {} : { title }),
  })
}

/** The files in which Waymark's own contracts are declared, where it runs from its sources. */
function ownContractFiles(): string[] {
  const journey = dirname(fileURLToPath(import.meta.resolve('@waymark/learning-journey')))
  const isSource = import.meta.url.endsWith('.ts')
  return isSource
    ? [...globSync(join(journey, 'contracts/*.ts')), join(import.meta.dirname, '../database/contracts.ts')].filter(
        (file) => !/\.test(-d)?\.ts$/.test(file),
      )
    : []
}
