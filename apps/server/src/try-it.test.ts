import { composeRegistry, defineEvent, defineModule } from '@waymark/contract'
import { defineTrack, LearningJourneyModule, on, sequence } from '@waymark/learning-journey'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { toTryIt } from './try-it.ts'

const event = (key: string, version: string, payload: z.ZodObject = z.object({})) =>
  defineEvent({ meta: { key, version, stability: 'stable', owners: [], tags: [], description: 'x' }, payload })
const First = event('a.first', '1.0.0')
const FirstNew = event('a.first', '2.0.0')
const Second = event('a.second', '1.0.0', z.object({ id: z.string() }))
const Odd = event('a.odd', '1.0.0', z.object({ code: z.string().regex(/^Q\d{9}$/) }))
const registry = composeRegistry(LearningJourneyModule, defineModule({ key: 'm', contracts: [First, FirstNew, Second, Odd] }))

it('records the first events that the first track wants, in a version and from a source that count', () => {
  const track = defineTrack({
    key: 't',
    version: '1.0.0',
    steps: [
      { key: 'one', complete: sequence(on(First).from('web'), on(Second)) },
      { key: 'odd', complete: on(Odd) },
      { key: 'two', complete: on(Second) },
      { key: 'three', complete: on(Second) },
    ],
  })
  expect(toTryIt([track], registry).calls.map(({ body }) => body)).toEqual([
    { learnerId: 'ada', eventName: 'a.first', eventVersion: '1.0.0', sourceModule: 'web' },
    { learnerId: 'ada', eventName: 'a.second', eventPayload: { id: 'id' } },
  ])
})

it('enrols first where a track asks for it', () => {
  const steps = [{ key: 'one', complete: on(Second) }]
  const explicit = defineTrack({ key: 't', version: '1.0.0', enrol: 'explicit', steps })
  expect(toTryIt([explicit], registry).calls).toMatchObject([
    { operation: 'enroll', body: { learnerId: 'ada', trackId: 't' } },
    { operation: 'recordEvent', body: { eventName: 'a.second' } },
  ])
  const byEvent = defineTrack({ key: 't', version: '1.0.0', enrol: { onEvent: on(FirstNew) }, steps })
  expect(toTryIt([byEvent], registry).calls.map(({ body }) => body.eventName)).toEqual(['a.first', 'a.second'])
})

it('has no events without tracks', () => {
  expect(toTryIt([], registry)).toEqual({ learnerId: 'ada', calls: [] })
})
