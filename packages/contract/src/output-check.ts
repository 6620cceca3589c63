import type { CheckedOutput, OutputCheck } from './implement.ts'
import type { OperationEntry } from './registry.ts'
import { describeIssues, type Issue, validate } from './validation.ts'

/** A group commit cannot wait for one of its calls, so the check is synchronous and never throws. */
export function checkNow(entry: OperationEntry, output: unknown): ReturnType<OutputCheck<unknown>> {
  try {
    const result = validate(entry.operation.io.output, output)
    if ('then' in result) {
      result.catch(() => {})
      throw new Error(
        `The output schema of ${entry.id} did not answer at once: a rule of it is asynchronous, or throws. A group commit needs a synchronous one.`,
      )
    }
    if (!result.ok) throw badOutput(entry, result.issues)
    return { ok: true, output: result.value as CheckedOutput }
  } catch (error) {
    return { ok: false, error: error as Error }
  }
}

/** The handler's output is wrong. That is our defect, never the caller's. */
export function badOutput(entry: OperationEntry, issues: readonly Issue[]): Error {
  return new Error(`The handler of ${entry.id} returned an output that its contract refuses: ${describeIssues(issues)}`)
}

/** An item of a stream is wrong: our defect as well, and the end of the stream. */
export function badItem(entry: OperationEntry, issues: readonly Issue[]): Error {
  return new Error(`The stream of ${entry.id} gave an item that its contract refuses: ${describeIssues(issues)}`)
}
