import { OnboardingEngine, type OnboardingStep } from '@onboardjs/core'
import { CHECKLIST_EVENTS } from '../fixtures/checklist.ts'

const STEPS: OnboardingStep[] = ['profile', 'contacts', 'deal', 'moved', 'won'].map((id, index, ids) => ({
  id,
  type: 'INFORMATION',
  payload: { title: id },
  nextStep: ids[index + 1] ?? null,
}))

/**
 * A fresh learner's checklist; true when it is done. The engine knows steps in a line and `next()`, not events: counting to three and
 * looking at the amount are done here, by hand, and cost it nothing. So it does less than the others, with five calls for seven events.
 */
export async function runOnboarding(): Promise<boolean> {
  const engine = new OnboardingEngine({ steps: STEPS })
  await engine.ready()
  let contacts = 0
  for (const event of CHECKLIST_EVENTS) {
    if (event.type === 'contact.imported' && ++contacts < 3) continue
    if (event.type === 'deal.created' && event.amount < 1_000) continue
    await engine.next()
  }
  return engine.getState().isCompleted
}
