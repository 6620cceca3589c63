import { Engine, type RuleProperties } from 'json-rules-engine'
import { CHECKLIST_EVENTS } from '../fixtures/checklist.ts'

type Condition = { readonly fact: string; readonly operator: string; readonly value: unknown }

const RULES: readonly RuleProperties[] = [
  rule('profile', is('event', 'profile.completed')),
  rule('contacts', is('event', 'contact.imported'), atLeast('contacts', 3)),
  rule('deal', is('event', 'deal.created'), atLeast('amount', 1_000)),
  rule('moved', is('event', 'deal.moved'), { fact: 'done', operator: 'contains', value: 'deal' }),
  rule('won', is('event', 'deal.won'), { fact: 'done', operator: 'contains', value: 'moved' }),
]

const engine = new Engine([...RULES])

/**
 * A fresh learner's checklist; true when it is done. Rules keep no state: the count and the completed steps are kept here and given as
 * facts with each event.
 */
export async function runRules(): Promise<boolean> {
  const done: string[] = []
  let contacts = 0
  for (const event of CHECKLIST_EVENTS) {
    if (event.type === 'contact.imported') contacts++
    const amount = event.type === 'deal.created' ? event.amount : 0
    const { events } = await engine.run({ event: event.type, amount, contacts, done })
    for (const { type } of events) if (!done.includes(type)) done.push(type)
  }
  return done.length === RULES.length
}

function rule(type: string, ...conditions: Condition[]): RuleProperties {
  return { conditions: { all: conditions }, event: { type } }
}

function is(fact: string, value: string): Condition {
  return { fact, operator: 'equal', value }
}

function atLeast(fact: string, value: number): Condition {
  return { fact, operator: 'greaterThanInclusive', value }
}
