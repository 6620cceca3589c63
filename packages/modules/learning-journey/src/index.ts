/** Onboarding that advances by itself: declare events and tracks, record events, read progress. */

export { EnrollManyContract } from './contracts/enrolment.ts'
export { ExplainContract } from './contracts/explain.ts'
export {
  BadgeGranted,
  BadgeRevoked,
  BranchChosen,
  Enrolled,
  Exited,
  FACTS,
  Merged,
  StepCompleted,
  StepCorrected,
  StepMissed,
  StepOpened,
  StepSkipped,
  StepWaived,
  StreakAdvanced,
  StreakFrozen,
  StreakLost,
  TrackCompleted,
  TrackEnded,
  XpGranted,
  XpRevoked,
} from './contracts/facts.ts'
export { INGEST_STATUSES, type IngestStatus } from './contracts/ingest.ts'
export {
  EnrollContract,
  GetProgressContract,
  IngestContract,
  ListRejectedContract,
  ListTracksContract,
  RecordOnboardingEventContract,
  RedriveRejectedContract,
} from './contracts/onboarding.ts'
export {
  DismissContract,
  ExitContract,
  ResetContract,
  RevokeContract,
  SkipStepContract,
  SnoozeContract,
  WaiveStepContract,
} from './contracts/operations.ts'
export {
  FunnelContract,
  ListEnrolmentsContract,
  ListEventsContract,
  ListFactsContract,
  ListLearnersContract,
  TimeToValueContract,
} from './contracts/operators.ts'
export type { ConditionDetail } from './contracts/outcome.ts'
export {
  EraseLearnerContract,
  ExportLearnerContract,
  GroupContract,
  IdentifyContract,
  MergeContract,
} from './contracts/people.ts'
export {
  BackfillTrackContract,
  CancelJobContract,
  DryRunTrackContract,
  GetJobContract,
  ListJobsContract,
  ListTrackVersionsContract,
  PublishTrackContract,
  RollbackTrackContract,
  SetTrackStatusContract,
} from './contracts/publishing.ts'
export { SimulateContract } from './contracts/simulate.ts'
export { WatchFactsContract } from './contracts/watch-facts.ts'
export { createLearningJourney, type LearningJourney, type LearningJourneyOptions } from './create-learning-journey.ts'
export type { ConditionModel, Detail, LeafModel, Reason, StepModel, Text, TrackModel, Verdict } from './engine/index.ts'
export { REASONS, VERDICTS } from './engine/index.ts'
export { TrackDefinitionError, type TrackErrorCode } from './errors.ts'
export {
  type Explanation,
  type Outcome,
  type RenderOptions,
  renderExplanation,
  renderOutcomes,
} from './explain/render-explanation.ts'
export { LearningJourneyModule } from './module.ts'
export { compareVersions } from './record/catalogue.ts'
export type { PublishMode } from './record/publish.ts'
export type { Swept } from './record/sweep.ts'
export type { Publish, RelayedEvent } from './relay/relayed-event.ts'
export { all, any, correlate, count, inWindow, mastery, sequence } from './track/conditions.ts'
export { defineLevels, type LevelCurve, type Levels } from './track/define-levels.ts'
export { defineTrack } from './track/define-track.ts'
export { defineTraits, type TraitCondition, type TraitSet, type Traits } from './track/define-traits.ts'
export { type ParsedTrack, parseTrack, TrackSchema } from './track/definition.ts'
export type { Finding, FindingCode } from './track/finding.ts'
export { type LintContext, lintTrack } from './track/lint.ts'
export { type CommonField, type Condition, type EventCondition, type NumberField, on } from './track/on.ts'
export type { TrackIssue } from './track/track-issues.ts'
export type { OperatorsFor, Where } from './track/typed-where.ts'
