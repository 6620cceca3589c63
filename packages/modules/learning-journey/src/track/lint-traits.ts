import { jsonSchemaOf } from '@waymark/contract'
import type { TrackModel } from '../engine/index.ts'
import type { Traits } from './define-traits.ts'
import { error, type Finding, hint, info, warning } from './finding.ts'
import { lintOperands, personalOf } from './lint-operands.ts'
import { fieldNames, fieldSchemas } from './schema-fields.ts'
import { pointerTo } from './typed-where.ts'
import { conditionsOf, eachNode } from './visit-conditions.ts'

/** Checks what a track asks of the traits of its subject. */
export function lintTraits(track: TrackModel, traits: Traits | undefined): Finding[] {
  const findings: Finding[] = []
  if (track.enrol?.mode === 'onSegment' && track.audience === undefined)
    findings.push(
      error(
        'AUDIENCE_MISSING',
        '/enrol',
        'A run would start when a subject begins to be like the audience, and there is none. Add audience.',
      ),
    )
  const asked = askedOf(track)
  const [first] = asked
  if (first === undefined) return findings
  const subject = track.subject ?? 'learner'
  if (traits === undefined) {
    const message = `No file declares what traits a ${subject} has, so these cannot be checked. Export traits = defineTraits(…) from a module file.`
    return [...findings, info('TRAITS_UNDECLARED', first.pointer, message)]
  }
  const schema = jsonSchemaOf(traits[subject].schema, 'input')
  for (const { trait, wanted, pointer, operands } of asked) {
    if (fieldSchemas(schema, trait).length === 0) {
      findings.push(error('TRAIT_UNKNOWN', pointer, `A ${subject} has no trait ${trait}.${hint(trait, fieldNames(schema))}`))
      continue
    }
    findings.push(...lintOperands(schema, trait, wanted, operands))
    const personal = personalOf(trait, traits.pii)
    if (personal !== undefined)
      findings.push(
        warning('TRAIT_PERSONAL', pointer, `${trait} of a ${subject} is personal data (${personal}). Ask for another trait.`),
      )
  }
  return findings
}

interface AskedTrait {
  readonly trait: string
  readonly wanted: unknown
  readonly pointer: string
  readonly operands: string
}

function askedOf(track: TrackModel): AskedTrait[] {
  const asked = Object.entries(track.audience ?? {}).map(([trait, wanted]): AskedTrait => {
    const pointer = `/audience${pointerTo(trait)}`
    return { trait, wanted, pointer, operands: pointer }
  })
  for (const [condition, pointer] of conditionsOf(track)) {
    eachNode(condition, pointer, (node, place) => {
      if ('trait' in node) asked.push({ trait: node.trait, wanted: node.is, pointer: `${place}/trait`, operands: `${place}/is` })
    })
  }
  return asked
}
