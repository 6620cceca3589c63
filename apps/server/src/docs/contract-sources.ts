import { readFile } from 'node:fs/promises'
import { relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Contract } from '@waymark/contract'
import type { ContractSource } from '@waymark/surface/docs'

const DECLARATION = /^export const (\w+) = define(?:Command|Query|Event)\(/gm

/**
 * Where contracts are declared, by `key@version`: those that one of the files exports by name.
 * @param files TypeScript or JavaScript; they are imported.
 * @param cwd what the paths are relative to.
 */
export async function findContractSources(
  contracts: readonly Contract[],
  files: readonly string[],
  cwd: string,
): Promise<ReadonlyMap<string, ContractSource>> {
  const ids = new Map<unknown, string>(contracts.map((contract) => [contract, idOf(contract)]))
  const found = await Promise.all(files.map((file) => sourcesIn(file, ids, cwd)))
  return new Map(found.flat())
}

/** Key and version, as a registry names it. */
export function idOf({ meta }: Contract): string {
  return `${meta.key}@${meta.version}`
}

async function sourcesIn(
  file: string,
  ids: ReadonlyMap<unknown, string>,
  cwd: string,
): Promise<readonly (readonly [string, ContractSource])[]> {
  const text = await readFile(file, 'utf8')
  const declared = [...text.matchAll(DECLARATION)]
  if (declared.length === 0) return []
  const exported = (await import(pathToFileURL(file).href)) as Readonly<Record<string, Contract>>
  return declared.flatMap(({ 1: name = '', index }) => {
    const id = ids.get(exported[name])
    if (id === undefined) return []
    const line = text.slice(0, index).split('\n').length
    return [[id, { file: relative(cwd, file), line, code: declarationAt(text, index) }] as const]
  })
}

/** Up to the line that closes it: the first one that is not indented. */
function declarationAt(text: string, index: number): string {
  const [first = '', ...rest] = text.slice(index).split('\n')
  if (/\)\s*;?$/.test(first)) return first
  const end = rest.findIndex((line) => /^\S/.test(line))
  return [first, ...rest.slice(0, end + 1)].join('\n')
}
