import { defineModule } from '@waymark/contract'
import { FACTS } from './contracts/facts.ts'
import {
  EnrollContract,
  ExplainContract,
  GetProgressContract,
  IngestContract,
  ListRejectedContract,
  ListTracksContract,
  RecordOnboardingEventContract,
  RedriveRejectedContract,
} from './contracts/onboarding.ts'
import { WatchFactsContract } from './contracts/watch-facts.ts'

/** The contracts of the learning journey. */
export const LearningJourneyModule = defineModule({
  key: 'learning-journey',
  contracts: [
    RecordOnboardingEventContract,
    IngestContract,
    EnrollContract,
    ListTracksContract,
    GetProgressContract,
    ExplainContract,
    ListRejectedContract,
    RedriveRejectedContract,
    WatchFactsContract,
    ...FACTS,
  ],
})
