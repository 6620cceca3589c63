import { expect, it, onTestFinished } from 'vitest'
import { startIngestStandIn } from '../../test-support/ingest-stand-in.ts'
import { tempFolder } from '../../test-support/temp-folder.ts'
import { startWaymark } from '../../test-support/waymark.ts'

/** A redrive of one event that is on its way. */
async function startRedrive() {
  const server = await startIngestStandIn()
  onTestFinished(() => server.stop())
  const arrived = new Promise<void>((resolve) => {
    server.answers = () => {
      resolve()
      return false
    }
  })
  const running = startWaymark(['events', 'rejected', 'redrive', '--id', 'r1'], {
    cwd: tempFolder(),
    env: { WAYMARK_URL: server.url, WAYMARK_SECRET_KEY: `wm_sk_${'k'.repeat(30)}` },
  })
  await arrived
  return { server, running }
}

it('says how far it came when it is interrupted', async () => {
  const { running } = await startRedrive()
  running.signal('SIGINT')
  expect(await running.finished).toEqual({ code: 130, stdout: '', stderr: expect.stringContaining('Interrupted after 0 of 1.') })
})

it('says how far it came when the server goes away', async () => {
  const { server, running } = await startRedrive()
  await server.stop()
  expect(await running.finished).toMatchObject({ code: 7, stderr: expect.stringContaining('Stopped after 0 of 1.') })
})
