/** The pure engine: entries in, state and facts out. It imports nothing but itself. */
export { advance, type Completion, type Derivation, isUnlocked, type LeafCode, standingOf } from './advance.ts'
export { decodeTrack, encodeTrack, SubjectRow } from './codec.ts'
export { type CompiledTrack, compileTrack, type Leaf, type Listener, prerequisites, type Step } from './compile.ts'
export { parseDuration } from './duration.ts'
export { ENROLLED, type Entry, type EntryRef } from './entry.ts'
export { type AfterDetail, type Detail, type DetailCheck, type EventDetail, explainStep, type GroupDetail } from './explain.ts'
export {
  type DerivedFact,
  type EntryOutcome,
  FACT_NAMES,
  type FactName,
  type FoldInput,
  foldSubject,
  namesOf,
  type SubjectFold,
} from './fold.ts'
export type {
  ConditionModel,
  EnrolModel,
  LeafModel,
  MatchModel,
  Operators,
  RewardModel,
  Scalar,
  StepModel,
  Text,
  TrackModel,
} from './model.ts'
export { compareEntries, emptyState, isShown, type Standing, type TrackState } from './state.ts'
export { REASONS, type Reason, type StepVerdict, VERDICTS, type Verdict, verdictsOf, verdictsOfDuplicate } from './verdict.ts'
export { deepEqual, OPERATOR_NAMES, toPath, valueAt } from './where.ts'
