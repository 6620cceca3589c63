import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A server whose backfill never ends. `asked` resolves once somebody wants to know how far it is. */
export async function startJobStandIn(jobId: string) {
  let ask = () => {}
  let asks = 0
  const asked = new Promise<void>((resolve) => {
    ask = resolve
  })
  const job = {
    jobId,
    kind: 'backfill',
    trackId: 'reader',
    version: '1.0.0',
    status: 'running',
    done: 1,
    total: 9,
    facts: 0,
    failed: 0,
  }
  const server = createServer((request, response) => {
    response.setHeader('content-type', 'application/json')
    const isJob = request.url?.endsWith('/getJob') === true
    response.end(JSON.stringify(isJob ? { ...job, perSecond: null, secondsLeft: null, report: null } : { ...job, success: true }))
    // Who asks for the second time follows the job.
    if (isJob && ++asks === 2) ask()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    async stop() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
