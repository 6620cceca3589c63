import type { Issue } from '@waymark/contract'

/** What `VALIDATION_FAILED` says: the first issue in words, and all of them. */
export function validationProblem(errors: readonly Issue[]) {
  const [first] = errors
  return { detail: `${first?.pointer || '/'}: ${first?.message}`, errors: [...errors] }
}
