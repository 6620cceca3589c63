import type { Principal } from '@waymark/contract'
import type { Flaw } from '../rest/parse-json.ts'

/** Who sends a request, and what is known of it besides its message. */
export interface Caller {
  readonly principal: Principal
  readonly requestId: string
  /** What is wrong with the arguments as JSON, by its place in them. */
  readonly flaws: readonly Flaw[]
}
