import type { ContractPage, OperationPage, PageError } from './contract-page.ts'
import type { FieldRow } from './field-rows.ts'
import type { Labels } from './labels.ts'

/** A text in which `code` is marked, or what a link shows. */
export type Inline = string | { readonly text: string; readonly slug: string }

/** What a page is made of, in order: Markdown and HTML show the same blocks. */
export type Block =
  | { readonly kind: 'facts'; readonly rows: readonly (readonly [string, readonly Inline[]])[] }
  | { readonly kind: 'heading'; readonly id: string; readonly text: string; readonly level?: 2 | 3 }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'notice'; readonly text: readonly Inline[] }
  | { readonly kind: 'fields'; readonly id: string; readonly rows: readonly FieldRow[] }
  | { readonly kind: 'errors'; readonly title: string; readonly rows: readonly PageError[] }
  | { readonly kind: 'calls'; readonly snippets: ContractPage['snippets'] }
  | { readonly kind: 'links'; readonly items: readonly (readonly Inline[])[] }
  | { readonly kind: 'code'; readonly language: string; readonly code: string }

/** The blocks of a page in one language. */
export function toBlocks(page: ContractPage, labels: Labels): readonly Block[] {
  const section = (id: string, text: string, ...blocks: readonly Block[]): Block[] => [{ kind: 'heading', id, text }, ...blocks]
  const { meta } = page
  return [
    ...noticesOf(page, labels),
    { kind: 'facts', rows: factsOf(page, labels) },
    ...(meta.goal === undefined ? [] : section('goal', labels.goal, { kind: 'text', text: meta.goal })),
    ...(meta.context === undefined ? [] : section('context', labels.context, { kind: 'text', text: meta.context })),
    ...(page.kind === 'event' ? eventBlocks(page, labels, section) : operationBlocks(page, labels, section)),
    ...section('versions', labels.versions, {
      kind: 'links',
      items: page.versions.map(({ version, slug }) => [{ text: version, slug }]),
    }),
    ...(page.source === undefined
      ? []
      : section('source', labels.source, { kind: 'code', language: 'ts', code: page.source.code })),
  ]
}

type Section = (id: string, text: string, ...blocks: readonly Block[]) => Block[]

function factsOf({ kind, meta, source }: ContractPage, labels: Labels): (readonly [string, readonly Inline[]])[] {
  return [
    [labels.type, [labels[kind]]],
    [labels.version, [meta.version]],
    [labels.stability, [labels.stabilities[meta.stability]]],
    [labels.tags, [meta.tags.join(', ') || labels.none]],
    [labels.owners, [meta.owners.join(', ')]],
    ...(source === undefined ? [] : [[labels.file, [`\`${source.file}:${source.line}\``]] as const]),
  ]
}

function noticesOf(page: ContractPage, labels: Labels): Block[] {
  const { deprecation } = page.meta
  const isDestructive = page.kind !== 'event' && page.policy.destructive === true
  const destructive: Block[] = isDestructive ? [{ kind: 'notice', text: [labels.destructive] }] : []
  if (deprecation === undefined) return destructive
  const { since, sunset, successor } = deprecation
  const next = successor === undefined ? [] : [`; ${labels.successor} `, { text: successor, slug: successor }]
  return [{ kind: 'notice', text: [`${labels.deprecated} ${since}, ${labels.until} ${sunset}`, ...next] }, ...destructive]
}

function operationBlocks(page: OperationPage, labels: Labels, section: Section): Block[] {
  const { policy, subject } = page
  const more = [
    ...(subject === null || policy.auth !== 'user' ? [] : [`${labels.subject} \`${subject}\`.`]),
    ...(policy.permissions === undefined ? [] : [`${labels.permissions}: ${codes(policy.permissions)}.`]),
  ]
  const { inputBytes, timeoutMs } = policy.limits ?? {}
  const limit = (value: number | undefined) => [value === undefined ? labels.usual : String(value)]
  const repeated = page.kind === 'query' ? 'query' : policy.idempotent === true ? 'idempotent' : 'key'
  return [
    ...section('caller', labels.caller, { kind: 'text', text: [labels.callers[policy.auth], ...more].join(' ') }),
    ...section('input', labels.input, { kind: 'fields', id: 'input', rows: page.input }),
    ...section(
      'output',
      labels.output,
      { kind: 'text', text: labels.outputs[page.answers] },
      { kind: 'fields', id: 'output', rows: page.output },
    ),
    ...(page.examples.length === 0
      ? []
      : section(
          'examples',
          labels.examples,
          ...page.examples.flatMap((one, index) => example(one, `example-${index + 1}`, labels)),
        )),
    ...(page.snippets.length === 0 ? [] : section('calls', labels.calls, { kind: 'calls', snippets: page.snippets })),
    ...section(
      'errors',
      labels.errors,
      { kind: 'errors', title: '', rows: page.errors.filter(({ isReserved }) => !isReserved) },
      { kind: 'errors', title: labels.everyOperation, rows: page.errors.filter(({ isReserved }) => isReserved) },
    ),
    ...section('emits', labels.emits, {
      kind: 'links',
      items: page.emits.map(({ id, slug, handledBy }) => [
        { text: id, slug },
        ...(handledBy.length === 0 ? [] : [` (${labels.handledBy}: ${codes(handledBy)})`]),
      ]),
    }),
    ...section('limits', labels.limits, {
      kind: 'facts',
      rows: [
        [labels.inputBytes, limit(inputBytes)],
        [labels.timeoutMs, limit(timeoutMs)],
        [labels.idempotency, [labels.idempotencies[repeated]]],
      ],
    }),
  ]
}

function example({ title, input, output, error }: OperationPage['examples'][number], id: string, labels: Labels): Block[] {
  const json = (value: unknown): Block => ({ kind: 'code', language: 'json', code: JSON.stringify(value, null, 2) })
  return [
    { kind: 'heading', id, text: title, level: 3 },
    json(input),
    ...(error === undefined ? [] : [{ kind: 'text' as const, text: `${labels.refused} \`${error}\`.` }]),
    ...(output === undefined ? [] : [{ kind: 'text' as const, text: labels.answers }, json(output)]),
  ]
}

function eventBlocks(page: Extract<ContractPage, { kind: 'event' }>, labels: Labels, section: Section): Block[] {
  const { reportableBy, retention, pii } = page
  return [
    ...section(
      'payload',
      labels.payload,
      { kind: 'fields', id: 'payload', rows: page.payload },
      { kind: 'calls', snippets: page.snippets },
    ),
    ...section('emitted-by', labels.emittedBy, {
      kind: 'links',
      items: page.emittedBy.map(({ id, slug }) => [{ text: id, slug }]),
    }),
    ...section('handled-by', labels.handledBy, { kind: 'links', items: page.handledBy.map((module) => [`\`${module}\``]) }),
    ...section('tracks', labels.tracks, { kind: 'links', items: page.tracks.map(({ key, version }) => [`${key} ${version}`]) }),
    ...section('limits', labels.limits, {
      kind: 'facts',
      rows: [
        [labels.reportable, [labels.reporters[reportableBy]]],
        [labels.retention, [retention ?? labels.forever]],
        [labels.personal, [codes(pii) || labels.none]],
      ],
    }),
  ]
}

function codes(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(', ')
}

/** What somebody does who meets an error. */
export function remedyOf({ code, isReserved, isRetryable }: PageError, { remedies }: Labels): string {
  return (isReserved ? remedies[code] : undefined) ?? (isRetryable ? remedies.later : remedies.declared)
}
