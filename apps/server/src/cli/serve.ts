import process from 'node:process'
import { type StartOptions, startServer } from '../start-server.ts'
import { banner } from './banner.ts'
import { EXIT_CODES } from './exit-codes.ts'

const ECHO_MS = 1_000

/** `waymark serve`: runs until a signal ends it. Rejects when it cannot start. */
export async function serve(options: Pick<StartOptions, 'publish'> = {}): Promise<void> {
  const server = await startServer(options)
  const { logger } = server
  process.on('unhandledRejection', (error) => {
    logger.error({ err: error }, 'a promise was rejected and nobody looked')
    process.exit(EXIT_CODES.failure.code)
  })
  let stoppedAt: number | undefined
  const stop = (signal: string) => {
    if (stoppedAt !== undefined) {
      // Launchers signal the process and then its group: that is one signal. A later one is from somebody who does not want to wait.
      if (performance.now() - stoppedAt > ECHO_MS) process.exit(EXIT_CODES.interrupted.code)
      return
    }
    stoppedAt = performance.now()
    logger.info({ signal }, 'stopping: finishing what is in flight')
    server.close().then(
      () => process.exit(EXIT_CODES.ok.code),
      (error: unknown) => {
        logger.error({ err: error }, 'the stop failed')
        process.exit(EXIT_CODES.failure.code)
      },
    )
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
  process.stdout.write(banner(server, { isTerminal: process.stdout.isTTY === true, cwd: process.cwd() }))
}
