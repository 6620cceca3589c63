import { nearest } from './nearest.ts'

/** What a lint found. An `error` keeps the track from being published. */
export interface Finding {
  readonly severity: 'error' | 'warning' | 'info'
  readonly code: FindingCode
  /** JSON Pointer into the definition. */
  readonly pointer: string
  readonly message: string
}

export type FindingCode =
  | 'STEP_DUPLICATE'
  | 'STEP_UNKNOWN'
  | 'STEP_CYCLE'
  | 'STEP_DEAD_END'
  | 'NOTHING_REQUIRED'
  | 'NOTHING_STARTS'
  | 'BRANCH_UNKNOWN'
  | 'BRANCH_UNREACHABLE'
  | 'BRANCH_UNUSED'
  | 'REWARD_UNREACHABLE'
  | 'TRACK_UNKNOWN'
  | 'TRACK_SUBJECT'
  | 'TRACK_CYCLE'
  | 'EVENT_UNKNOWN'
  | 'VERSION_UNKNOWN'
  | 'FIELD_UNKNOWN'
  | 'FIELD_PERSONAL'
  | 'OPERAND_MISMATCH'
  | 'RETENTION_SHORT'
  | 'TRUST_NOT_REPORTABLE'
  | 'AUDIENCE_MISSING'
  | 'TRAIT_UNKNOWN'
  | 'TRAIT_PERSONAL'
  | 'TRAITS_UNDECLARED'
  | 'ORDER_FREE'
  | 'MAY_STAND'

export function error(code: FindingCode, pointer: string, message: string): Finding {
  return { severity: 'error', code, pointer, message }
}

export function warning(code: FindingCode, pointer: string, message: string): Finding {
  return { severity: 'warning', code, pointer, message }
}

export function info(code: FindingCode, pointer: string, message: string): Finding {
  return { severity: 'info', code, pointer, message }
}

/** A sentence with the known names that look like a name; `''` when none does. */
export function hint(name: string, known: readonly string[]): string {
  const names = nearest(name, known)
  return names.length === 0 ? '' : ` Did you mean ${names.join(' or ')}?`
}
