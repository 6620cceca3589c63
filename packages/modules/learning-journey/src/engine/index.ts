/** The pure engine: entries in, state and facts out. It imports nothing but itself. */
export { advance, hearingOf } from './advance.ts'
export { addDuration, type Calendar, type Duration, splitDuration, utcCalendar } from './calendar.ts'
export type { Checkpoint, Outdated } from './checkpoint.ts'
export { opensAt, streakOfState } from './clock.ts'
export { decodeTrack, encodeTrack, SubjectRow } from './codec.ts'
export {
  branchKey,
  branchOf,
  type CompiledTrack,
  compileTrack,
  DEFAULT_LATENESS,
  partsOf,
  prerequisites,
  type Step,
} from './compile.ts'
export { cutSubject, type SubjectCut } from './cut.ts'
export type { Derivation, Derived } from './derivation.ts'
export { DURATION, parseDuration } from './duration.ts'
export {
  CLOCK,
  DISMISSED,
  ENROLLED,
  type Entry,
  type EntryRef,
  EXITED,
  GROUPED,
  IDENTIFIED,
  IMPORT,
  MERGED,
  RESET,
  REVOKED,
  SKIPPED,
  SNOOZED,
  WAIVED,
} from './entry.ts'
export { type Detail, type DetailCheck, type Evidence, explainAudience, explainStep } from './explain.ts'
export { type DerivedFact, type FactName, isHeldOut, STEP_STATES } from './facts.ts'
export {
  type ChangedRuns,
  type EntryOutcome,
  type FoldInput,
  foldSubject,
  gateOf,
  type Need,
  namesOf,
  type SubjectFold,
} from './fold.ts'
export type {
  AfterModel,
  BranchModel,
  ConditionModel,
  EnrolModel,
  LeafModel,
  LinkModel,
  MatchModel,
  Operators,
  ReentryModel,
  RewardModel,
  Scalar,
  StepModel,
  StreakModel,
  Text,
  TrackModel,
  TraitModel,
  WhereModel,
} from './model.ts'
export { horizonOf, isNext, outcomesAt, type Surroundings } from './outcomes-at.ts'
export { definitionOf } from './pinned.ts'
export type { History } from './place.ts'
export { dueAt } from './settle.ts'
export {
  CLOSED,
  COMPLETED,
  emptyState,
  type How,
  isEnrolled,
  isRunning,
  isSatisfied,
  isShown,
  isUnlocked,
  OPEN,
  type Outcome,
  type TrackState,
} from './state.ts'
export { isInAudience, TIMEZONE, traitsOf } from './traits.ts'
export { REASONS, type Reason, VERDICTS, type Verdict, verdictsOfAll, verdictsOfDuplicate } from './verdict.ts'
export { OPERATOR_NAMES, toPath, valueAt } from './where.ts'
