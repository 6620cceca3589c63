import { START, track } from './entries.ts'

/** A moment, in seconds after the start. */
export const at = (second: number) => new Date(START + second * 1_000).toISOString()

/** An event that the first step of `FIRST_WIN` waits for. */
export const PIPELINE = { learnerId: 'ada', eventName: 'pipeline.created' }

/** Three steps: one that is open, one that earns, one that is locked. */
export const FIRST_WIN = track(
  [
    {
      key: 'pipeline',
      title: { en: 'A pipeline', de: 'Eine Pipeline' },
      complete: { event: 'pipeline.created' },
      reward: { xp: 20, badge: 'starter' },
    },
    { key: 'deal', description: { en: 'Any deal' }, complete: { event: 'deal.created' }, reward: { xp: 5 } },
    { key: 'quiz', after: { all: ['deal'] }, complete: { event: 'quiz.passed' } },
  ],
  { key: 'first-win', title: { en: 'First win', 'pt-BR': 'Primeira vitória' }, completion: { xp: 50 } },
)
/** A track that one enrols in. */
export const CHOSEN = track([{ key: 'read', complete: { event: 'page.read' } }], { key: 'chosen', enrol: { mode: 'explicit' } })
