import { DefinitionError } from '../src/errors.ts'

/** The DefinitionError that a call throws; anything else fails the test. */
export function definitionError(call: () => unknown): DefinitionError {
  try {
    call()
  } catch (error) {
    if (error instanceof DefinitionError) return error
    throw error
  }
  throw new Error('Expected a DefinitionError, and nothing was thrown')
}
