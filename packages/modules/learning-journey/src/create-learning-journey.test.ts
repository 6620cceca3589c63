import { expect, test } from 'vitest'
import { z } from 'zod'
import { registry } from '../test-support/crm.ts'
import { track } from '../test-support/entries.ts'
import { createFakeStore } from '../test-support/fake-store.ts'
import { createLearningJourney, type LearningJourneyOptions } from './create-learning-journey.ts'
import { defineTraits } from './track/define-traits.ts'

const options: Omit<LearningJourneyOptions, 'store' | 'tracks'> = {
  registry,
  publish: 'auto',
  now: () => 0,
  newId: () => 'id',
  hash: (text) => text,
  keyedHash: (text) => text,
  after: () => () => {},
}

test('a track that asks for an unknown trait, or comes after an unknown track, is not served, and nothing is published', async () => {
  const traits = defineTraits({ learner: z.object({ plan: z.string() }), account: z.object({}) })
  const store = createFakeStore()
  const tracks = [track({ event: 'deal.created' }, { audience: { '/paln': 'pro' }, after: { any: ['welcome'] } })]
  await expect(createLearningJourney({ ...options, store, tracks, traits })).rejects.toMatchObject({
    code: 'TRACK_LINT',
    message: expect.stringMatching(/no track welcome\.[\s\S]*no trait \/paln\. Did you mean \/plan\?/),
  })
  expect(await store.readTrackVersions()).toEqual([])
})
