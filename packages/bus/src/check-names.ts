import type { BusMessage, Subscription } from './bus.ts'
import { BusError } from './errors.ts'

const SUBJECT = /^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$/
const GROUP = /^[A-Za-z0-9_-]{1,200}$/
const HEADER = /^[a-z0-9-]+$/
const HEADER_VALUE = /^[\x20-\x7e]*$/

/** Refuses a message that some broker could not carry. @throws BusError `BUS_NAME_ILLEGAL`. */
export function checkMessage({ subject, headers }: BusMessage): void {
  checkSubject(subject)
  for (const [name, value] of Object.entries(headers)) {
    if (!HEADER.test(name)) throw illegal('header name', name, 'lower-case letters, digits and -, e.g. ce-id')
    // The value may name a person.
    if (!HEADER_VALUE.test(value)) throw illegal('value of the header', name, 'visible ASCII and spaces; percent-encode the rest')
  }
}

/** Refuses a subscription that some broker could not keep. @throws BusError `BUS_NAME_ILLEGAL`. */
export function checkSubscription({ group, subjects }: Subscription): void {
  if (!GROUP.test(group)) throw illegal('group', group, 'letters, digits, _ and -, e.g. waymark')
  for (const subject of subjects) checkSubject(subject)
}

function checkSubject(subject: string): void {
  if (subject.length <= 200 && SUBJECT.test(subject)) return
  throw illegal('subject', subject, 'at most 200 letters, digits, _ and -, in parts between dots, e.g. deal.created')
}

function illegal(what: string, name: string, expected: string): BusError {
  return new BusError(
    'BUS_NAME_ILLEGAL',
    `The ${what} ${JSON.stringify(name)} is not one that every broker carries. Use ${expected}.`,
  )
}
