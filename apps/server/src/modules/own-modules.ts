import type { Module } from '@waymark/contract'
import { LearningJourneyModule } from '@waymark/learning-journey'
import { ServerModule } from '../database/contracts.ts'

/** What every server serves, whatever is defined beside it. */
export const OWN_MODULES: readonly Module[] = [LearningJourneyModule, ServerModule]
