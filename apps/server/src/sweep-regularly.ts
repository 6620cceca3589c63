import type { Swept } from '@waymark/learning-journey'
import type { Logger } from './logger.ts'

const FIRST_MS = 1_000
const EVERY_MS = 10 * 60_000

/**
 * Sweeps soon after the start and then every ten minutes, one sweep after the other, and logs what was swept. A sweep that fails is logged too, and the next one comes
 * as usual. Returns how to stop.
 */
export function sweepRegularly(
  sweep: () => Promise<Swept>,
  logger: Pick<Logger, 'info' | 'error'>,
  after: (milliseconds: number, call: () => void) => () => void,
): () => void {
  let isStopped = false
  let cancel = after(FIRST_MS, run)
  async function run(): Promise<void> {
    try {
      const { expired, removed } = await sweep()
      if (expired + removed > 0) logger.info({ expired, removed }, 'events were forgotten, as their retention says')
    } catch (error) {
      logger.error({ err: error }, 'a sweep failed')
    }
    if (!isStopped) cancel = after(EVERY_MS, run)
  }
  return () => {
    isStopped = true
    cancel()
  }
}
