import { afterEach, expect, inject, it } from 'vitest'
import { makeDatabase } from '../../packages/store/fixtures/make-database.ts'
import { FACTS_EACH, sendFirstEvents } from './first-facts.ts'
import { Follower } from './follower.ts'
import { ServerProcess } from './server-process.ts'

const servers: ServerProcess[] = []
const followers: Follower[] = []
afterEach(async () => {
  for (const follower of followers.splice(0)) follower.kill()
  for (const server of servers.splice(0)) await server.remove()
})

it('facts that several servers commit into one database come to followers of each of them, in one order', async () => {
  const env = { DATABASE_URL: await makeDatabase(inject('postgres')), WAYMARK_PUBLISH: 'auto' }
  const nodes = [await ServerProcess.start({ env }), await ServerProcess.start({ env })]
  servers.push(...nodes)
  const [steady, moving] = nodes.map((node) => new Follower(node.url, node.key)) as [Follower, Follower]
  followers.push(steady, moving)
  await Promise.all([steady.connect(), moving.connect()])
  const people = Array.from({ length: 40 }, (_, index) => `person-${index}`)
  const sent = people.map((person, index) => sendFirstEvents(nodes[index % 2] as ServerProcess, [person]))
  await moving.until(({ facts }) => facts.length > 20)
  moving.kill()
  await Promise.all(sent)
  // A client that was cut off comes back to whichever server the balancer picks.
  moving.moveTo(nodes[0] as ServerProcess)
  await moving.connect()
  const expected = people.length * FACTS_EACH
  await Promise.all([steady, moving].map((follower) => follower.until(({ facts }) => facts.length >= expected)))
  const [ids, movedIds] = [steady, moving].map((follower) => follower.facts.map(({ factId }) => factId))
  expect(new Set(ids).size).toBe(expected)
  expect(movedIds).toEqual(ids)
  expect(await Promise.all(nodes.map((node) => node.end('SIGTERM')))).toEqual([0, 0])
})
