import { defineTrack, on } from '@waymark/learning-journey'
import { ContactCreated, DealCreated, DealMoved, DealWon, PipelineCreated, TaskCompleted } from './events.ts'

/** From an empty account to the first deal won: 135 XP over six steps, and 50 more for all of them. */
export const firstWin = defineTrack({
  key: 'first-win',
  version: '1.0.0',
  title: { en: 'Win your first deal', de: 'Der erste gewonnene Abschluss' },
  completion: { xp: 50, badge: 'first-win' },
  steps: [
    {
      key: 'create-pipeline',
      title: { en: 'Set up a pipeline', de: 'Eine Pipeline anlegen' },
      complete: on(PipelineCreated),
      reward: { xp: 20 },
    },
    {
      key: 'add-contact',
      title: { en: 'Add somebody to sell to', de: 'Einen Kontakt anlegen' },
      complete: on(ContactCreated),
      reward: { xp: 15 },
    },
    {
      key: 'create-deal',
      title: { en: 'Open a deal worth 1,000 or more', de: 'Einen Deal ab 1.000 anlegen' },
      after: { all: ['create-pipeline', 'add-contact'] },
      complete: on(DealCreated).where({ amount: { gte: 1_000 } }),
      reward: { xp: 25 },
    },
    {
      key: 'move-deal',
      title: { en: 'Move it forward', de: 'Den Deal voranbringen' },
      after: { all: ['create-deal'] },
      complete: on(DealMoved),
      reward: { xp: 20 },
    },
    {
      key: 'make-contact',
      title: { en: 'Call or meet your contact', de: 'Anrufen oder treffen' },
      after: { any: ['add-contact'] },
      complete: on(TaskCompleted).where({ kind: { in: ['call', 'meeting'] } }),
      reward: { xp: 15 },
    },
    {
      key: 'win-deal',
      title: { en: 'Win it', de: 'Gewinnen' },
      after: { all: ['move-deal'] },
      complete: on(DealWon),
      reward: { xp: 40 },
    },
  ],
})

export const tracks = [firstWin]
