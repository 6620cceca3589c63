import process from 'node:process'
import { type StartOptions, startServer } from '../start-server.ts'
import { banner } from './banner.ts'
import { EXIT_CODES } from './exit-codes.ts'

/** `waymark serve`: runs until a signal ends it. Rejects when it cannot start. */
export async function serve(options: Pick<StartOptions, 'publish'> = {}): Promise<void> {
  const server = await startServer(options)
  const { logger } = server
  process.on('unhandledRejection', (error) => {
    logger.error({ err: error }, 'a promise was rejected and nobody looked')
    process.exit(EXIT_CODES.failure.code)
  })
  let isStopping = false
  const stop = (signal: string) => {
    // The second signal is from somebody who does not want to wait.
    if (isStopping) process.exit(EXIT_CODES.interrupted.code)
    isStopping = true
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
