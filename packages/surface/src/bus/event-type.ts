import { type EventContract, majorOf } from '@waymark/contract'

/**
 * The `type` of an event on the bus, which is its subject too: the key of its contract, with the major behind it unless that is 1, as in
 * `deal.created.v2`. All versions of a major share it.
 */
export function toEventType(key: string, major: number): string {
  return major !== 1 ? `${key}.v${major}` : key
}

export function typeOfEvent({ meta }: EventContract): string {
  return toEventType(meta.key, majorOf(meta.version))
}
