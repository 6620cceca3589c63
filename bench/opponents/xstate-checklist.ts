import { assign, createActor, initialTransition, setup, transition } from 'xstate'
import { CHECKLIST_EVENTS, type ChecklistEvent } from '../fixtures/checklist.ts'

interface Progress {
  readonly profile: boolean
  readonly contacts: number
  readonly deal: boolean
  readonly moved: boolean
  readonly won: boolean
}

/**
 * The checklist as a machine that keeps progress in its context. The textbook form, a parallel state with a region for each step, does
 * the same and took three times as long.
 */
const machine = setup({
  types: { context: {} as Progress, events: {} as ChecklistEvent },
  guards: {
    isLarge: ({ event }) => event.type === 'deal.created' && event.amount >= 1_000,
    hasDeal: ({ context }) => context.deal,
    hasMoved: ({ context }) => context.moved,
    isDone: ({ context }) => context.profile && context.contacts >= 3 && context.deal && context.moved && context.won,
  },
}).createMachine({
  context: { profile: false, contacts: 0, deal: false, moved: false, won: false },
  initial: 'open',
  states: {
    open: {
      always: { guard: 'isDone', target: 'done' },
      on: {
        'profile.completed': { actions: assign({ profile: true }) },
        'contact.imported': { actions: assign({ contacts: ({ context }) => context.contacts + 1 }) },
        'deal.created': { guard: 'isLarge', actions: assign({ deal: true }) },
        'deal.moved': { guard: 'hasDeal', actions: assign({ moved: true }) },
        'deal.won': { guard: 'hasMoved', actions: assign({ won: true }) },
      },
    },
    done: { type: 'final' },
  },
})

/** A fresh learner's checklist as a running actor; true when it is done. */
export function runActor(): boolean {
  const actor = createActor(machine).start()
  for (const event of CHECKLIST_EVENTS) actor.send(event)
  return actor.getSnapshot().status === 'done'
}

/** The same by the pure function, which is how a server would keep state between events. */
export function runPure(): boolean {
  let [snapshot] = initialTransition(machine)
  for (const event of CHECKLIST_EVENTS) [snapshot] = transition(machine, snapshot, event)
  return snapshot.status === 'done'
}
