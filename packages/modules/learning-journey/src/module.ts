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
  tags: {
    learning: 'Everything of the learning journey.',
    onboarding: 'How people get started with a product.',
    enrolment: 'Starts runs of tracks that do not start by themselves.',
    events: 'Takes what happened in a product, and shows what could not be taken.',
    explain: 'Says why a step is done or not, and how it would end.',
    facts: 'What is derived from events: enrolments, completions, points, badges.',
    operations: 'Changes single runs by hand: skips, waives, revokes, ends and puts off.',
    operators: 'Lists and counts across all people.',
    people: 'Who people are: traits, accounts, merges, access and erasure.',
    progress: 'How far somebody is.',
    publishing: 'Versions of tracks, and the jobs that bring everybody to them.',
    tracks: 'The definitions that are served.',
  },
})
