import { given } from '@waymark/learning-journey/testing'
import { test } from 'vitest'
import { ContactCreated, DealCreated, DealMoved, DealWon, PipelineCreated, TaskCompleted } from '../waymark/events.ts'
import { firstWin } from '../waymark/first-win.ts'

test('six events lead to the first win, in whatever order the first four come', () => {
  given(firstWin)
    .event(DealMoved, { dealId: 'd1', from: 'new', to: 'offer' })
    .event(DealCreated, { dealId: 'd1', pipelineId: 'p1', amount: 400, currency: 'EUR' })
    .expect({ last: { 'create-deal': 'condition_false' } })
    .event(DealCreated, { dealId: 'd2', pipelineId: 'p1', amount: 4000, currency: 'EUR' })
    .expect({ last: { 'create-deal': 'prerequisite' }, percent: 0 })
    .event(PipelineCreated, { pipelineId: 'p1', name: 'Sales' })
    .event(ContactCreated, { contactId: 'c1' })
    .expect({ steps: { 'create-deal': 'completed', 'move-deal': 'completed', 'win-deal': 'open' } })
    .event(TaskCompleted, { taskId: 't1', kind: 'call' })
    .advance('P3D')
    .event(DealWon, { dealId: 'd2', amount: 4000 })
    .expect({ status: 'completed', percent: 100, xp: 185, badges: ['first-win'] })
})
