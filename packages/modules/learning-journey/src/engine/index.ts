/** The pure engine: entries in, state and facts out. It imports nothing but itself. */
export { advance, type Derivation, hearingOf, isUnlocked } from './advance.ts'
export { CHECKPOINT_EVERY, type Checkpoint, type Outdated } from './checkpoint.ts'
export { decodeTrack, encodeTrack, SubjectRow } from './codec.ts'
export { type CompiledTrack, compileTrack, DEFAULT_LATENESS, prerequisites } from './compile.ts'
export { cutSubject, type SubjectCut } from './cut.ts'
export { DURATION, parseDuration } from './duration.ts'
export { ENROLLED, type Entry, type EntryRef, IMPORT } from './entry.ts'
export { type Detail, explainStep } from './explain.ts'
export {
  type DerivedFact,
  type EntryOutcome,
  type FactName,
  foldSubject,
  type Need,
  namesOf,
  type SubjectFold,
} from './fold.ts'
export type {
  ConditionModel,
  LeafModel,
  MatchModel,
  Operators,
  RewardModel,
  Scalar,
  StepModel,
  Text,
  TrackModel,
} from './model.ts'
export { outcomesAt } from './outcomes-at.ts'
export type { History } from './place.ts'
export { compareEntries, emptyState, isEnrolled, isShown, type TrackState } from './state.ts'
export { REASONS, type Reason, VERDICTS, type Verdict, verdictsOfDuplicate, verdictsOfExpired } from './verdict.ts'
export { OPERATOR_NAMES, toPath } from './where.ts'
