import { globSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Contract } from '@waymark/contract'
import type { ContractSource } from '@waymark/surface/docs'
import { OWN_MODULES } from '../modules/own-modules.ts'
import { findContractSources } from './contract-sources.ts'
import { readPages } from './read-pages.ts'

/** The documentation of Waymark itself: its pages by their path, and where its contracts are declared. */
export interface OwnDocs {
  readonly pages: ReadonlyMap<string, string>
  readonly sources: ReadonlyMap<string, ContractSource>
}

/** As it is packed, beside this file. */
export const PACKED_DOCS = 'own-docs.json'

const REPOSITORY = join(import.meta.dirname, '../../../..')

/** The documentation of Waymark: of the repository, or of the package where it was installed. */
export async function loadOwnDocs(): Promise<OwnDocs> {
  if (import.meta.url.endsWith('.ts')) return readOwnDocs()
  const { pages, sources } = JSON.parse(await readFile(join(import.meta.dirname, PACKED_DOCS), 'utf8')) as PackedDocs
  return { pages: new Map(Object.entries(pages)), sources: new Map(Object.entries(sources)) }
}

/** Keys are paths, and `key@version`. */
interface PackedDocs {
  readonly pages: Readonly<Record<string, string>>
  readonly sources: Readonly<Record<string, ContractSource>>
}

/** The text of the packed file. */
export async function packOwnDocs(): Promise<string> {
  const { pages, sources } = await loadOwnDocs()
  const packed: PackedDocs = { pages: Object.fromEntries(pages), sources: Object.fromEntries(sources) }
  return JSON.stringify(packed)
}

async function readOwnDocs(): Promise<OwnDocs> {
  const journey = dirname(fileURLToPath(import.meta.resolve('@waymark/learning-journey')))
  const files = [
    ...globSync(join(journey, 'contracts/*.ts')).filter((file) => !/\.test(-d)?\.ts$/.test(file)),
    join(import.meta.dirname, '../database/contracts.ts'),
    join(import.meta.dirname, '../sample/crm.ts'),
  ]
  return {
    pages: await readPages(join(REPOSITORY, 'docs')),
    sources: await findContractSources(await ownContracts(), files, REPOSITORY),
  }
}

/** The contracts of Waymark, its sample included. */
export async function ownContracts(): Promise<readonly Contract[]> {
  const { default: sample } = await import('../sample/crm.ts')
  return [...OWN_MODULES, sample].flatMap(({ contracts }) => contracts)
}
