import { type DocumentNode, type FragmentDefinitionNode, Lexer, type SelectionSetNode, Source, TokenKind } from 'graphql'

/** How much one document may ask for. */
export interface GraphqlLimits {
  /** Names, numbers and signs of the text. */
  readonly tokens: number
  /** Fields inside fields, with fragments written out. */
  readonly depth: number
  /** Fields of all operations together, with fragments written out. */
  readonly fields: number
  readonly aliases: number
  /** Fields of the root: each is a call. */
  readonly operations: number
  /** Items that the pages of a document may bring; a call without a page counts as one. */
  readonly items: number
}

export const DEFAULT_LIMITS: GraphqlLimits = {
  tokens: 10_000,
  depth: 13,
  fields: 600,
  aliases: 100,
  operations: 20,
  items: 2_000,
}

/** The parser calls itself for each bracket in a bracket, so the text would choose the depth of our stack. */
const MAX_NESTING = 64

/** What is too much of a text, before it is parsed; undefined when nothing is. */
export function textExcess(query: string, limits: GraphqlLimits): string | undefined {
  const lexer = new Lexer(new Source(query))
  let nesting = 0
  try {
    for (let tokens = 0; lexer.advance().kind !== TokenKind.EOF; tokens++) {
      const { kind } = lexer.token
      if (tokens >= limits.tokens)
        return `The document has more than ${limits.tokens} tokens. Send values as variables, or less at once.`
      if (OPENING.has(kind)) nesting += 1
      else if (CLOSING.has(kind)) nesting -= 1
      if (nesting > MAX_NESTING) return `The document has more than ${MAX_NESTING} brackets inside each other.`
    }
  } catch {
    // Where the grammar is broken, the parser says so.
  }
  return undefined
}

const OPENING: ReadonlySet<string> = new Set([TokenKind.BRACE_L, TokenKind.BRACKET_L, TokenKind.PAREN_L])
const CLOSING: ReadonlySet<string> = new Set([TokenKind.BRACE_R, TokenKind.BRACKET_R, TokenKind.PAREN_R])

/** What is too much of a document, before it is validated; undefined when nothing is. */
export function documentExcess({ definitions }: DocumentNode, limits: GraphqlLimits): string | undefined {
  const fragments = new Map(definitions.flatMap((node) => (node.kind === 'FragmentDefinition' ? [[node.name.value, node]] : [])))
  const measures = createMeasure(fragments)
  const all = definitions.flatMap((node) => ('selectionSet' in node && node.selectionSet ? [measures(node.selectionSet)] : []))
  // A fragment is as deep as where it is used: those of introspection are deeper than any answer, and are used inside it alone.
  const operations = definitions.filter((node) => node.kind === 'OperationDefinition')
  const depth = Math.max(0, ...operations.map(({ selectionSet }) => measures(selectionSet).depth))
  const sum = (of: (measure: Measure) => number) => all.reduce((total, measure) => total + of(measure), 0)
  const aliases = sum((measure) => measure.aliases)
  const fields = sum((measure) => measure.fields)
  if (sum((measure) => measure.introspections) > 1)
    return 'The document asks for the schema more than once. Ask once, and read /schema.graphql for all of it.'
  if (sum((measure) => measure.introspectionAliases) > 0)
    return 'The document has aliases inside __schema or __type; introspection takes none. Ask for each field once.'
  if (depth > limits.depth) return `The document is ${depth} fields deep; at most ${limits.depth} are taken. Select less.`
  if (aliases > limits.aliases)
    return `The document has ${aliases} aliases; at most ${limits.aliases} are taken. Send several requests.`
  if (fields > limits.fields)
    return `The document has ${fields} fields with its fragments written out; at most ${limits.fields} are taken. Select less.`
  return undefined
}

interface Measure {
  readonly depth: number
  readonly fields: number
  readonly aliases: number
  /** Fields that ask for the schema: each of them can bring all of it. */
  readonly introspections: number
  /** Inside those fields: under another name all of the schema comes again, and again inside that. */
  readonly introspectionAliases: number
}

const NOTHING: Measure = { depth: 0, fields: 0, aliases: 0, introspections: 0, introspectionAliases: 0 }

const INTROSPECTION: ReadonlySet<string> = new Set(['__schema', '__type'])

/** Each fragment is measured once: written out, they can double from one to the next. */
function createMeasure(fragments: ReadonlyMap<string, FragmentDefinitionNode>): (set: SelectionSetNode) => Measure {
  const known = new Map<string, Measure>()

  function ofFragment(name: string): Measure {
    const measured = known.get(name)
    if (measured !== undefined) return measured
    // One that comes to itself again is refused by the validation.
    known.set(name, NOTHING)
    const fragment = fragments.get(name)
    const measure = fragment === undefined ? NOTHING : of(fragment.selectionSet)
    known.set(name, measure)
    return measure
  }

  function of({ selections }: SelectionSetNode): Measure {
    let { depth, fields, aliases, introspections, introspectionAliases } = NOTHING
    for (const selection of selections) {
      const isField = selection.kind === 'Field'
      // How deep introspection goes, the validation limits.
      const isOwn = isField && selection.name.value.startsWith('__')
      const inner =
        selection.kind === 'FragmentSpread'
          ? ofFragment(selection.name.value)
          : selection.selectionSet === undefined
            ? NOTHING
            : of(selection.selectionSet)
      depth = Math.max(depth, isOwn ? 1 : inner.depth + (isField ? 1 : 0))
      fields += inner.fields + (isField ? 1 : 0)
      aliases += inner.aliases + (isField && selection.alias !== undefined ? 1 : 0)
      const isIntrospection = isField && INTROSPECTION.has(selection.name.value)
      introspections += inner.introspections + (isIntrospection ? 1 : 0)
      introspectionAliases += inner.introspectionAliases + (isIntrospection ? inner.aliases : 0)
    }
    return { depth, fields, aliases, introspections, introspectionAliases }
  }

  return of
}
