import { relative, resolve } from 'node:path'
import { composeRegistry, DefinitionError } from '@waymark/contract'
import { type Finding, lintTrack } from '@waymark/learning-journey'
import { ServerError } from '../errors.ts'
import { type DefinitionFile, type DefinitionProblem, formatProblem } from '../modules/definitions.ts'
import { loadDefinitionFile } from '../modules/load-definition-file.ts'
import { loadDefinitions } from '../modules/load-definitions.ts'
import { mergeDefinitions, traitsOf } from '../modules/merge-definitions.ts'
import { OWN_MODULES } from '../modules/own-modules.ts'
import { withPlace } from '../modules/with-place.ts'
import { parseSettings } from '../settings.ts'
import { EXIT_CODES } from './exit-codes.ts'
import { print, printJson, tint } from './print.ts'

/** One linted track. */
interface TrackReport {
  readonly file: string
  readonly track: string
  readonly version: string
  readonly steps: number
  readonly orderFree: boolean
  readonly findings: readonly PlacedFinding[]
}

/** A finding, with the place in the file where it is JSON or YAML. */
interface PlacedFinding extends Finding {
  readonly line?: number
  readonly column?: number
}

interface Report {
  readonly ok: boolean
  readonly tracks: readonly TrackReport[]
  /** What keeps files from being loaded or joined. */
  readonly problems: readonly DefinitionProblem[]
}

/** `waymark tracks lint`: loads what a server would, prints all findings, and ends with 3 when there is an error. */
export async function tracksLint(files: readonly string[], { json = false }: { readonly json?: boolean } = {}): Promise<void> {
  const report = await lint(files.map((file) => resolve(file)))
  if (json) printJson(report)
  else for (const line of toLines(report)) print(line)
  process.exitCode = report.ok ? EXIT_CODES.ok.code : EXIT_CODES.validation.code
}

/** Lints the files that a server would load; with names, reports only on those. */
async function lint(named: readonly string[]): Promise<Report> {
  const parsed = parseSettings(['modules'], process.env, process.cwd())
  if (!parsed.ok) throw new ServerError('SETTINGS_INVALID', parsed.problems)
  const paths = [...new Set([...parsed.settings.modules, ...named])]
  const loaded: DefinitionFile[] = []
  const problems: DefinitionProblem[] = []
  if (paths.length === 0) {
    const sample = await loadDefinitions([])
    if (sample.ok) loaded.push(...sample.files)
  }
  for (const result of await Promise.all(paths.map(loadDefinitionFile))) {
    if (result.ok) loaded.push(result.file)
    else problems.push(...result.problems)
  }
  const isReported = (file: string) => named.length === 0 || named.some((name) => file.includes(name))
  const tracks = await Promise.all(
    lintTracks(loaded)
      .filter(({ file }) => isReported(file))
      .map(withPlaces),
  )
  // Findings of tracks are reported with their track; what is left concerns files.
  const merged = mergeDefinitions(loaded)
  if (!merged.ok) problems.push(...merged.problems.filter(({ pointer }) => pointer === undefined))
  const reported = problems.filter(({ file }) => isReported(file)).map(shortened)
  const ok = reported.length === 0 && tracks.every(({ findings }) => findings.every(({ severity }) => severity !== 'error'))
  return { ok, tracks, problems: reported }
}

function lintTracks(files: readonly DefinitionFile[]): TrackReport[] {
  const registry = tryCompose(files)
  if (registry === undefined) return []
  const context = { tracks: files.flatMap(({ tracks }) => tracks), traits: traitsOf(files) }
  return files.flatMap(({ file, tracks }) =>
    tracks.map((track) => {
      const findings = lintTrack(track, registry, context)
      const orderFree = findings.some(({ code }) => code === 'ORDER_FREE')
      return { file, track: track.key, version: track.version, steps: track.steps.length, orderFree, findings }
    }),
  )
}

async function withPlaces(report: TrackReport): Promise<TrackReport> {
  const placed = report.findings.map(async (finding): Promise<PlacedFinding> => {
    if (finding.pointer === '') return finding
    const { line, column } = await withPlace({ file: report.file, pointer: finding.pointer, message: finding.message })
    return line === undefined ? finding : { ...finding, line, column: column ?? 1 }
  })
  return { ...report, findings: await Promise.all(placed) }
}

function tryCompose(files: readonly DefinitionFile[]) {
  try {
    return composeRegistry(...new Set([...OWN_MODULES, ...files.flatMap(({ modules }) => modules)]))
  } catch (error) {
    if (error instanceof DefinitionError) return undefined
    throw error
  }
}

function toLines({ tracks, problems }: Report): string[] {
  const lines = problems.map((problem) => `${tint('red', 'error')}    ${formatProblem(problem)}`)
  for (const { file, track, version, steps, findings } of tracks) {
    const place = shortened({ file, message: '' }).file
    lines.push(`${tint('bold', `${track} ${version}`)}, ${steps} steps, in ${place}`)
    for (const { severity, code, ...finding } of findings) {
      const colour = severity === 'error' ? 'red' : severity === 'warning' ? 'yellow' : 'dim'
      const text = finding.pointer === '' ? finding.message : formatProblem({ ...finding, file: place })
      lines.push(`  ${tint(colour, severity.padEnd(8))} ${text} (${code})`)
    }
  }
  if (tracks.length === 0 && problems.length === 0) lines.push('There are no tracks to check.')
  return lines
}

/** Paths as a reader types them: from the working directory, unless that is longer. */
function shortened<P extends DefinitionProblem>(problem: P): P {
  const short = relative(process.cwd(), problem.file)
  return problem.file.startsWith('/') && short.length < problem.file.length ? { ...problem, file: short } : problem
}
