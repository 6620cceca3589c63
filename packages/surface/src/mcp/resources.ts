/**
 * What there is to read: the contracts (of operations that the caller may call, and of events) and the published tracks. A list comes
 * in pages, contracts first. Tracks are read through `listTracks`, with the rights of the caller.
 */
import {
  type ListResourcesResult,
  ProtocolError,
  ProtocolErrorCode,
  type ReadResourceResult,
  type Resource,
  ResourceNotFoundError,
} from '@modelcontextprotocol/server'
import { invoke, type Runtime } from '@waymark/contract'
import type { Caller } from './caller.ts'
import { describeEvent, describeOperation } from './contract-resource.ts'
import { mayCall } from './may-call.ts'

export const RESOURCE_TEMPLATES = [
  {
    name: 'contract',
    title: 'Contract',
    uriTemplate: 'waymark://contracts/{id}',
    description: 'An operation or an event by `key@version`, `key@major` or `key`: schemas, policy, errors, what it is for.',
    mimeType: 'application/json',
  },
  {
    name: 'track',
    title: 'Track',
    uriTemplate: 'waymark://tracks/{key}',
    description: 'A published track with its steps.',
    mimeType: 'application/json',
  },
]

const LIST_TRACKS = 'learning.onboarding.listTracks'
const PAGE_SIZE = 50
const MOST_TRACKS_AT_ONCE = 200

/** One page of what the caller may read. */
export async function listResources(runtime: Runtime, caller: Caller, cursor: string | undefined): Promise<ListResourcesResult> {
  const [, kind = 'contracts', place = ''] =
    cursor === undefined ? [] : (/^(contracts|tracks):(.*)$/s.exec(cursor) ?? refuseCursor())
  if (kind === 'tracks') return listTracks(runtime, caller, place)
  const from = place === '' ? 0 : Number(place)
  if (!Number.isSafeInteger(from) || from < 0) refuseCursor()
  const contracts = readableContracts(runtime, caller)
  const resources = contracts.slice(from, from + PAGE_SIZE).map(({ id, description }) => contractResource(id, description))
  if (from + PAGE_SIZE < contracts.length) return { resources, nextCursor: `contracts:${from + PAGE_SIZE}` }
  return mayListTracks(runtime, caller) ? { resources, nextCursor: 'tracks:' } : { resources }
}

/** Reads one resource. @throws ProtocolError when there is none of this address that the caller may read. */
export async function readResource(runtime: Runtime, caller: Caller, uri: string): Promise<ReadResourceResult> {
  const [, kind, name = ''] = /^waymark:\/\/(contracts|tracks)\/([^/?#]+)$/.exec(uri) ?? []
  const found =
    kind === 'contracts' ? readContract(runtime, caller, decode(name)) : await readTrack(runtime, caller, decode(name))
  if (found === undefined) throw new ResourceNotFoundError(uri)
  return { contents: [{ uri, mimeType: 'application/json', text: JSON.stringify(found) }] }
}

function readableContracts({ registry }: Runtime, { principal }: Caller) {
  const operations = registry.operations.filter((entry) => mayCall(principal, entry))
  return [
    ...operations.map(({ id, operation }) => ({ id, description: operation.meta.description })),
    ...registry.events.map(({ id, event }) => ({ id, description: event.meta.description })),
  ]
}

function contractResource(id: string, description: string): Resource {
  return { uri: `waymark://contracts/${id}`, name: id, description, mimeType: 'application/json' }
}

function readContract({ registry }: Runtime, { principal }: Caller, id: string) {
  const operation = registry.operation(id)
  if (operation !== undefined) return mayCall(principal, operation) ? describeOperation(operation, registry) : undefined
  const [key = '', version] = id.split('@')
  const event = registry.event(key, version)
  return event === undefined ? undefined : describeEvent(event)
}

/** What is needed of an item of `listTracks`. */
interface TrackItem {
  readonly trackId: string
  readonly title: string
  readonly description: string | null
}

interface TrackPage {
  readonly items: readonly TrackItem[]
  readonly nextCursor: string | null
}

function mayListTracks({ registry }: Runtime, { principal }: Caller): boolean {
  const entry = registry.operation(LIST_TRACKS)
  return entry !== undefined && mayCall(principal, entry)
}

async function listTracks(runtime: Runtime, caller: Caller, cursor: string): Promise<ListResourcesResult> {
  const { items, nextCursor } = await trackPage(runtime, caller, cursor === '' ? undefined : cursor, PAGE_SIZE)
  const resources = items.map(({ trackId, title, description }) => ({
    uri: `waymark://tracks/${encodeURIComponent(trackId)}`,
    name: trackId,
    title,
    ...(description === null ? {} : { description }),
    mimeType: 'application/json',
  }))
  return nextCursor === null ? { resources } : { resources, nextCursor: `tracks:${nextCursor}` }
}

async function readTrack(runtime: Runtime, caller: Caller, key: string): Promise<TrackItem | undefined> {
  if (key === '' || !mayListTracks(runtime, caller)) return undefined
  let cursor: string | null | undefined
  while (cursor !== null) {
    const page: TrackPage = await trackPage(runtime, caller, cursor, MOST_TRACKS_AT_ONCE)
    const found = page.items.find(({ trackId }) => trackId === key)
    if (found !== undefined) return found
    cursor = page.nextCursor
  }
  return undefined
}

async function trackPage(runtime: Runtime, caller: Caller, cursor: string | undefined, limit: number): Promise<TrackPage> {
  const { principal, requestId } = caller
  const input = cursor === undefined ? { limit } : { limit, cursor }
  const result = await invoke(runtime, LIST_TRACKS, input, { principal, channel: 'mcp', requestId })
  if (result.ok) return result.data as TrackPage
  const code = result.problem.status < 500 ? ProtocolErrorCode.InvalidParams : ProtocolErrorCode.InternalError
  throw new ProtocolError(code, result.problem.detail, result.problem)
}

function refuseCursor(): never {
  throw new ProtocolError(ProtocolErrorCode.InvalidParams, 'There is no such cursor. Send the nextCursor of the page before.')
}

function decode(name: string): string {
  try {
    return decodeURIComponent(name)
  } catch {
    return ''
  }
}
