import type { ConditionDetail } from '../contracts/outcome.ts'
import type { Detail } from '../engine/index.ts'
import { toMomentOrNull } from './journey.ts'

/** A condition tree as the contracts write it: moments as text. */
export function toDetail(detail: Detail): ConditionDetail {
  switch (detail.node) {
    case 'opens':
    case 'due':
      return { ...detail, at: toMomentOrNull(detail.at) }
    case 'event':
      return { ...detail, until: toMomentOrNull(detail.until), checks: [...detail.checks] }
    case 'all':
    case 'any':
    case 'sequence':
      return { ...detail, parts: detail.parts.map(toDetail) }
    case 'after':
      return { ...detail, steps: [...detail.steps] }
    case 'trait':
      return { ...detail, checks: [...detail.checks] }
    case 'branch':
      return detail
  }
}
