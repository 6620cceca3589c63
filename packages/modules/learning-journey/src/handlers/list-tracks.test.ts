import { describe, expect, test } from 'vitest'
import { track } from '../../test-support/entries.ts'
import { ADA, startJourney } from '../../test-support/journey-process.ts'
import { CHOSEN, FIRST_WIN } from '../../test-support/reading-tracks.ts'
import { ListTracksContract } from '../contracts/onboarding.ts'

describe('listTracks', () => {
  test('lists what is served, by key, with all there is to earn', async () => {
    const { ok } = await startJourney([FIRST_WIN, CHOSEN])
    expect(await ok(ListTracksContract, { locale: 'pt-BR' }, { principal: ADA })).toEqual({
      items: [
        {
          trackId: 'chosen',
          version: '1.0.0',
          title: 'chosen',
          description: null,
          subject: 'learner',
          enrolment: 'explicit',
          xp: 0,
          steps: [{ stepId: 'read', title: 'read', description: null, xp: 0 }],
        },
        {
          trackId: 'first-win',
          version: '1.0.0',
          title: 'Primeira vitória',
          description: null,
          subject: 'learner',
          enrolment: 'onFirstMatch',
          xp: 75,
          steps: [
            { stepId: 'pipeline', title: 'A pipeline', description: null, xp: 20 },
            { stepId: 'deal', title: 'deal', description: 'Any deal', xp: 5 },
            { stepId: 'quiz', title: 'quiz', description: null, xp: 0 },
          ],
        },
      ],
      nextCursor: null,
    })
  })

  test('goes page by page, and every track comes once', async () => {
    const keys = Array.from({ length: 7 }, (_, index) => `t${index}`)
    const { ok } = await startJourney(keys.map((key) => track({ event: 'page.read' }, { key })))
    const seen: string[][] = []
    for (let cursor: string | null | undefined; cursor !== null; ) {
      const page = await ok(ListTracksContract, { limit: 3, ...(cursor === undefined ? {} : { cursor }) })
      seen.push(page.items.map(({ trackId }) => trackId))
      cursor = page.nextCursor
    }
    expect(seen).toEqual([['t0', 't1', 't2'], ['t3', 't4', 't5'], ['t6']])
    expect(await ok(ListTracksContract, { limit: 7 })).toMatchObject({ nextCursor: null })
    expect(await ok(ListTracksContract, { cursor: 'zzz' })).toEqual({ items: [], nextCursor: null })
  })
})
