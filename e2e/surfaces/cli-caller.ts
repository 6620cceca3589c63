import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Problem } from '@waymark/contract'
import { type OperationCommand, operationCommands } from '@waymark/surface/cli'
import { serveNode } from '@waymark/surface/rest/node'
import { vi } from 'vitest'
import { EXIT_CODES, type ExitName } from '../../apps/server/src/cli/exit-codes.ts'
import { describeFailure } from '../../apps/server/src/cli/fail.ts'
import { addOperationCommand } from '../../apps/server/src/cli/operation-commands.ts'
import { createProgram } from '../../apps/server/src/cli/program.ts'
import { type Fixture, registry } from '../../packages/surface/test-support/fixture.ts'
import { type SurfaceAnswer, type SurfaceCall, type SurfaceCaller, toAnswer } from './surface-call.ts'

/** Each call as the command of its operation, with the whole input in a file. */
export const cliCaller: SurfaceCaller = {
  name: 'the command line',
  call: (fixture, call) => {
    const folder = mkdtempSync(join(tmpdir(), 'waymark-cli-'))
    const file = join(folder, 'input.json')
    writeFileSync(file, JSON.stringify(call.input))
    return run(fixture, call, ['--input', file]).finally(() => rmSync(folder, { recursive: true }))
  },
}

/** The same, with a flag for each field where flags can say it. */
export const cliFlagsCaller: SurfaceCaller = {
  name: 'the command line, with flags',
  call: (fixture, call) => {
    const args = Object.entries(call.input as object).map(([field, value]) => flagOf(commandOf(call.id), field, value))
    return args.includes(undefined)
      ? cliCaller.call(fixture, call)
      : run(
          fixture,
          call,
          args.flatMap((flag) => flag ?? []),
        )
  },
}

/** Undefined for an empty list, which no flag can say. */
function flagOf({ flags }: OperationCommand, field: string, value: unknown): readonly string[] | undefined {
  const flag = flags.find((flag) => flag.field === field)
  if (flag === undefined) throw new Error(`The field ${field} has no flag.`)
  if (flag.kind === 'switch') return [value === true ? `--${flag.name}` : `--no-${flag.name}`]
  if (!Array.isArray(value)) return [`--${flag.name}=${toText(value)}`]
  return value.length === 0 ? undefined : value.map((one) => `--${flag.name}=${toText(one)}`)
}

function toText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function commandOf(id: string): OperationCommand {
  const command = operationCommands(registry).find(({ entry }) => entry.id === id)
  if (command === undefined) throw new Error(`The fixture has no operation ${id}.`)
  return command
}

type Call = Omit<SurfaceCall, 'what' | 'first'>

/** Runs the command in this process, against a server with the fixture behind it. */
async function run({ rest }: Fixture, { id, as, idempotencyKey }: Call, args: readonly string[]): Promise<SurfaceAnswer> {
  const server = await serveNode((request) => rest.fetch(withCredential(request, as)), { host: '127.0.0.1', port: 0 })
  const command = commandOf(id)
  const program = createProgram()
  addOperationCommand(program, command)
  const isStream = command.answers === 'as a stream'
  const more = [...(isStream ? [] : ['--json']), ...(idempotencyKey === undefined ? [] : ['--idempotency-key', idempotencyKey])]
  // A command finds its server and its key in the environment, and has a key always.
  vi.stubEnv('WAYMARK_URL', server.url)
  vi.stubEnv('WAYMARK_SECRET_KEY', `wm_sk_${'0'.repeat(32)}`)
  const stdout = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
  const stderr = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  try {
    await program.parseAsync(['node', 'waymark', ...command.words, ...args, ...more])
    const lines = stdout.mock.calls.map(([text]) => JSON.parse(String(text)) as unknown)
    return { ok: true, data: isStream ? lines : lines[0] }
  } catch (error) {
    return answerOf(error)
  } finally {
    stdout.mockRestore()
    stderr.mockRestore()
    vi.unstubAllEnvs()
    process.removeAllListeners('SIGINT')
    await server.close()
  }
}

/** The credential of the call, in the place of the key that the command has. */
function withCredential(request: Request, as: string | undefined): Request {
  const headers = new Headers(request.headers)
  headers.delete('authorization')
  if (as !== undefined) headers.set('authorization', `Bearer ${as}`)
  return new Request(request, { headers })
}

/** The problem that `--json` prints; its status has to be that of the exit code. */
function answerOf(error: unknown): SurfaceAnswer {
  const { exit, document } = describeFailure(error)
  const problem = document as Problem
  if (!STATUSES[exit]?.includes(problem.status))
    throw new Error(`A problem ${problem.status} ends with ${EXIT_CODES[exit].code} (${exit}).`, { cause: error })
  return toAnswer(problem)
}

const STATUSES: { readonly [exit in ExitName]?: readonly number[] } = {
  failure: [402, 500],
  validation: [413, 422],
  auth: [401, 403],
  notFound: [404, 410],
  conflict: [409],
  unreachable: [429, 504],
}
