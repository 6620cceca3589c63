import { tmpdir } from 'node:os'
import { decodeJwt } from 'jose'
import { expect, it } from 'vitest'
import { waymark } from '../../test-support/waymark.ts'
import { createLearnerTokens } from '../auth/learner-tokens.ts'

const SECRET = 'the-new-secret-of-at-least-32-bytes'
const OLD_SECRET = 'the-old-secret-of-at-least-32-bytes'
const run = (args: readonly string[], secret = `${SECRET},${OLD_SECRET}`) =>
  waymark(['token', ...args], { cwd: tmpdir(), env: { WAYMARK_LEARNER_SECRET: secret } })

it.concurrent('prints a token that a server with the secret takes, signed with the newest of two', async () => {
  const { code, stdout, stderr } = await run(['--learner', 'ada', '--tenant', 'acme', '--account', 'a1', '--account', 'a2'])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  const tokens = createLearnerTokens({ kind: 'secrets', secrets: [SECRET] })
  const { iat = 0, exp = 0 } = decodeJwt(stdout.trimEnd())
  expect(exp).toBe(iat + 900)
  const expiresAt = (exp + 30) * 1_000
  const ada = { kind: 'learner', tenant: 'acme', id: 'ada', accounts: ['a1', 'a2'], expiresAt }
  expect(await tokens.verify(stdout.trimEnd())).toEqual(ada)
})

it.concurrent('lives as long as --ttl says, and says until when with --json', async () => {
  const { stdout } = await run(['--learner', 'ada', '--ttl', '1h', '--json'])
  const { token, expiresAt } = JSON.parse(stdout)
  const { iat = 0 } = decodeJwt(token)
  expect(Date.parse(expiresAt)).toBe((iat + 3_600) * 1_000)
})

it.concurrent.each([
  [['--learner', 'ada', '--ttl', '2h'], SECRET, /at most 1h/],
  [['--learner', 'ada', '--ttl', 'soon'], SECRET, /--ttl is "soon"/],
  [['--learner', ''], SECRET, /--learner is empty/],
  [[], SECRET, /required option '--learner <id>'/],
  [['--learner', 'ada'], '', /WAYMARK_LEARNER_SECRET is not set/],
  [['--learner', 'ada'], 'short', /too short/],
  [['--learner', 'ada'], 'https://login.example.com/jwks.json', /only the identity provider/],
])('ends with 2 for %j', async (args, secret, message) => {
  const { code, stdout, stderr } = await run(args, secret)
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toMatch(message)
})
