import { defineModule } from '@waymark/contract'
import { EnrollManyContract } from './contracts/enrolment.ts'
import { ExplainContract } from './contracts/explain.ts'
import { FACTS } from './contracts/facts.ts'
import {
  EnrollContract,
  GetProgressContract,
  IngestContract,
  ListRejectedContract,
  ListTracksContract,
  RecordOnboardingEventContract,
  RedriveRejectedContract,
} from './contracts/onboarding.ts'
import { OPERATIONS } from './contracts/operations.ts'
import {
  FunnelContract,
  ListEnrolmentsContract,
  ListEventsContract,
  ListFactsContract,
  ListLearnersContract,
  TimeToValueContract,
} from './contracts/operators.ts'
import { PEOPLE } from './contracts/people.ts'
import { PUBLISHING } from './contracts/publishing.ts'
import { SimulateContract } from './contracts/simulate.ts'
import { ListUnknownEventsContract } from './contracts/unknown-events.ts'
import { WatchFactsContract } from './contracts/watch-facts.ts'

/** The contracts of the learning journey. */
export const LearningJourneyModule = defineModule({
  key: 'learning-journey',
  contracts: [
    RecordOnboardingEventContract,
    IngestContract,
    EnrollContract,
    EnrollManyContract,
    ListTracksContract,
    GetProgressContract,
    ExplainContract,
    SimulateContract,
    ListRejectedContract,
    RedriveRejectedContract,
    ListUnknownEventsContract,
    WatchFactsContract,
    ListEventsContract,
    ListLearnersContract,
    ListFactsContract,
    ListEnrolmentsContract,
    FunnelContract,
    TimeToValueContract,
    ...OPERATIONS,
    ...PEOPLE,
    ...PUBLISHING,
    ...FACTS,
  ],
})
