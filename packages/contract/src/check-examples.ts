import type { Example } from './contract.ts'
import { RESERVED } from './errors.ts'
import type { OperationEntry, Registry } from './registry.ts'
import type { Schema } from './schema.ts'
import { isStream } from './stream.ts'
import { validate } from './validation.ts'

/** What is wrong with the examples of the operations of a registry: what their schemas refuse, and errors that they do not declare. */
export async function checkExamples(registry: Registry): Promise<readonly string[]> {
  const found = registry.operations.flatMap((entry) =>
    (entry.operation.meta.examples ?? []).map((example) => problemsOf(entry, example)),
  )
  return (await Promise.all(found)).flat()
}

async function problemsOf({ id, operation: { io } }: OperationEntry, example: Example): Promise<string[]> {
  const { title, input, output, error } = example
  const where = `The example ${JSON.stringify(title)} of ${id}`
  const problems = await refusals(`The input of ${lower(where)}`, io.input, input)
  if (error !== undefined && output !== undefined)
    problems.push(`${where} has an output and an error. A call answers one of them: remove the other.`)
  if (error !== undefined && !Object.hasOwn(io.errors, error) && !Object.hasOwn(RESERVED, error))
    problems.push(`${where} meets ${error}, which the contract does not declare. It has: ${Object.keys(io.errors).join(', ')}.`)
  if (output === undefined) return problems
  const place = `The output of ${lower(where)}`
  if (!isStream(io.output)) return [...problems, ...(await refusals(place, io.output, output))]
  if (!Array.isArray(output)) return [...problems, `${place} is no list. Expected the items of the stream that come first.`]
  const item = io.output['~stream']
  return [...problems, ...(await Promise.all(output.map((one) => refusals(place, item, one)))).flat()]
}

async function refusals(place: string, schema: Schema, value: unknown): Promise<string[]> {
  const checked = await validate(schema, value)
  return checked.ok
    ? []
    : checked.issues.map(({ pointer, message }) => `${place} is refused at ${pointer || 'its root'}: ${message}.`)
}

function lower(sentence: string): string {
  return sentence.charAt(0).toLowerCase() + sentence.slice(1)
}
