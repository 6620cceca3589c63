/** What is said of a person, as entries of journals. The same for the commands and for `ingest`. */
import { type Issue, validate } from '@waymark/contract'
import { GROUPED, IDENTIFIED, TIMEZONE } from '../engine/index.ts'
import { isZone } from '../time/is-zone.ts'
import type { Traits } from '../track/define-traits.ts'
import { controlEntry, type Prepared, type Report } from './assess.ts'
import { accountSubject, learnerSubject } from './entry-row.ts'

type Fields = Readonly<Record<string, unknown>>
type Reporter = Pick<Report, 'principal' | 'channel' | 'receivedAt'>

/** Something said of a person, and when. */
export interface Said {
  readonly learnerId: string
  readonly eventId: string
  readonly occurredAt: number
  /** The time that was asked for; null when none was. */
  readonly claimedAt: number | null
}

/** A learner has these traits. */
export function identified(
  { learnerId, traits, ...rest }: Said & { readonly traits: Fields },
  reporter: Reporter,
  hash: (text: string) => string,
): Prepared {
  const subject = learnerSubject(learnerId)
  return controlEntry({ ...rest, name: IDENTIFIED, subject, track: null, payload: { traits } }, reporter, hash)
}

/**
 * A learner is in an account, or no more; and the account has these traits. The first one is the learner's; where no learner is named, it
 * is the account's.
 */
export function grouped(
  said: Omit<Said, 'learnerId'> & {
    readonly learnerId?: string | undefined
    readonly accountId: string
    readonly leave?: boolean | undefined
    readonly traits?: Fields | undefined
  },
  reporter: Reporter,
  hash: (text: string) => string,
): readonly [Prepared, ...Prepared[]] {
  const { learnerId, accountId, leave, traits, ...rest } = said
  const ofAccount = (actor: string | undefined, traits: Fields) => {
    // Ids are the maker's own, and two members may use the same one. Of a member who is forgotten, nothing may be left in it.
    const eventId = hash(`${learnerId ?? ''}\0${rest.eventId}`)
    const subject = accountSubject(accountId)
    const about = { ...rest, eventId, name: IDENTIFIED, subject, track: null, payload: { traits } }
    return controlEntry(actor === undefined ? about : { ...about, actor }, reporter, hash)
  }
  if (learnerId === undefined) return [ofAccount(undefined, traits ?? {})]
  const maker = learnerSubject(learnerId)
  const payload = { accountId, ...(leave === true ? { leave } : {}) }
  const own = controlEntry({ ...rest, name: GROUPED, subject: maker, account: accountId, track: null, payload }, reporter, hash)
  return traits === undefined ? [own] : [own, ofAccount(maker, traits)]
}

/** What is wrong with traits, as far as they are declared. Every trait can be absent, and one that is not declared says what it likes. */
export async function traitIssues(
  traits: Fields,
  declared: Traits[keyof Pick<Traits, 'learner' | 'account'>] | undefined,
): Promise<readonly Issue[]> {
  const zone = traits[TIMEZONE]
  const issues: Issue[] = zone === undefined || (typeof zone === 'string' && isZone(zone)) ? [] : [NO_ZONE(zone)]
  if (declared === undefined) return issues
  const checked = await validate(declared.schema, traits)
  if (checked.ok) return issues
  const ofPresent = checked.issues.filter(({ pointer }) => {
    const [, name] = pointer.split('/')
    return name === undefined || Object.hasOwn(traits, name.replaceAll('~1', '/').replaceAll('~0', '~'))
  })
  return [...issues, ...ofPresent.map((issue) => ({ ...issue, pointer: `/traits${issue.pointer}` }))]
}

const NO_ZONE = (zone: unknown): Issue => ({
  pointer: `/traits/${TIMEZONE}`,
  message: `${JSON.stringify(zone)} is no time zone`,
  expected: 'the name of an IANA time zone, e.g. Europe/Berlin',
  received: typeof zone,
})
