import type { Module } from '@waymark/contract'
import { allItems } from './all-items.ts'
import { call } from './call.ts'
import type { Client } from './client.ts'
import type { ClientContract, ContractItem, Contracts, OperationsOf } from './client-contract.ts'
import type { CallOptions, ClientOptions, StreamOptions } from './client-options.ts'
import type { Endpoint } from './endpoint.ts'
import { follow } from './follow.ts'

/**
 * A client of the operations that it is given, and of no others: what is not passed is not in a browser's bundle.
 * @throws TypeError when the address is none, or two operations would have the same name.
 */
export function createClient<const C extends Contracts>(options: ClientOptions, contracts: C): Client<OperationsOf<C>> {
  const root = originOf(options.url)
  const client: Tree = {}
  const operations = operationsOf(contracts)
  for (const contract of operations) {
    const { key, version } = contract.meta
    const major = Number.parseInt(version, 10)
    const address = `${root}/v${major}/${key.replaceAll('.', '/')}`
    put(client, nameOf(key, major, operations), toFunction({ contract, address, options }))
  }
  return client as Client<OperationsOf<C>>
}

interface Tree {
  [name: string]: Tree | Call
}

type Call = (input?: object, options?: CallOptions & StreamOptions) => unknown

function toFunction(endpoint: Endpoint): Call {
  const output = endpoint.contract.io.output ?? {}
  if ('~stream' in output) return (input, options) => follow(endpoint, input, options)
  const one: Call = (input, options) => call(endpoint, input, options)
  const all: Call = (input, options) => allItems(endpoint, input, options)
  return '~page' in output ? Object.assign(one, { all }) : one
}

function operationsOf(contracts: Contracts): ClientContract[] {
  const items = Array.isArray(contracts) ? contracts : isModule(contracts as object) ? [contracts] : Object.values(contracts)
  return (items as ContractItem[])
    .flatMap((item): readonly { readonly kind: string }[] => (isModule(item) ? item.contracts : [item]))
    .filter((item): item is ClientContract => item.kind === 'command' || item.kind === 'query')
}

function isModule(value: { readonly kind?: unknown }): value is Module {
  return value.kind === 'module'
}

function nameOf(key: string, major: number, all: readonly ClientContract[]): string {
  const isPlain = major === 1 || (major === 0 && !all.some(({ meta }) => meta.key === key && meta.version.startsWith('1.')))
  return isPlain ? key : `${key}V${major}`
}

function put(tree: Tree, name: string, call: Call): void {
  const path = name.split('.')
  const last = path.pop() as string
  let branch = tree
  for (const part of path) {
    branch[part] ??= {}
    branch = branch[part] as Tree
  }
  if (typeof branch === 'function' || last in branch) {
    throw new TypeError(`Two operations want the name ${name}, or one has a name that others begin with. Make a client for each.`)
  }
  branch[last] = call
}

/** Without a slash at the end. */
function originOf(url: string): string {
  // A page has an address that others are relative to.
  const { location } = globalThis as { readonly location?: { readonly href: string } }
  if (!URL.canParse(url, location?.href)) {
    throw new TypeError(`url is ${JSON.stringify(url)}. Expected where the server is, such as https://waymark.example.com.`)
  }
  return url.replace(/\/+$/, '')
}
