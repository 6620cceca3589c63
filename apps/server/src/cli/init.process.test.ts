import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { tempFolder } from '../../test-support/temp-folder.ts'
import { serveInTest, waymark } from '../../test-support/waymark.ts'

it('writes files that lint and serve as they are', async () => {
  const cwd = tempFolder({ 'package.json': '{"name":"mine","type":"commonjs"}' })
  const written = await waymark(['init'], { cwd })
  expect(written).toMatchObject({ code: 0, stderr: '' })
  expect(written.stdout).toContain('Wrote waymark/events.ts\nWrote waymark/first-track.yaml\n')
  expect(written.stdout).toContain("echo '.waymark/' >> .gitignore")

  const linted = await waymark(['tracks', 'lint'], { cwd })
  expect(linted).toMatchObject({ code: 0, stderr: '' })
  expect(linted.stdout).toContain('first-steps 1.0.0, 2 steps, in waymark/first-track.yaml')
  expect(linted.stdout).toContain('Order-free')

  const serving = await serveInTest({ cwd })
  expect(serving.stderr()).toBe('')
  expect(serving.stdout()).toContain('Track     first-steps 1.0.0, 2 steps')
  expect(serving.stdout()).not.toContain('sample')
  const events = [
    ['project.created', { projectId: 'p' }],
    ['member.invited', { memberId: 'm1', role: 'editor' }],
    ['member.invited', { memberId: 'm2', role: 'viewer' }],
    ['member.invited', { memberId: 'm3', role: 'editor' }],
  ] as const
  const xp: unknown[] = []
  for (const [eventName, eventPayload] of events) {
    const response = await fetch(`${serving.url}/v1/learning/onboarding/recordEvent`, {
      method: 'POST',
      headers: { authorization: `Bearer ${serving.key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ learnerId: 'ada', eventName, eventPayload }),
    })
    xp.push(((await response.json()) as { xpEarned: number }).xpEarned)
  }
  expect(xp).toEqual([20, 0, 0, 80])
})

it('writes into a folder that it makes, and leaves out what the folder has already', async () => {
  const cwd = tempFolder({ 'app/.gitignore': 'node_modules\n.waymark/\n' })
  const { code, stdout } = await waymark(['init', 'app'], { cwd })
  expect(code).toBe(0)
  expect(stdout).toContain('cd app')
  expect(stdout).not.toContain('.gitignore')
  expect(JSON.parse((await waymark(['init', 'new/app', '--json'], { cwd })).stdout)).toEqual({
    written: ['new/app/waymark/events.ts', 'new/app/waymark/first-track.yaml'],
  })
})

it('overwrites nothing, writes nothing then, and ends with 6', async () => {
  const cwd = tempFolder({ 'waymark/first-track.yaml': 'mine' })
  const { code, stdout, stderr } = await waymark(['init'], { cwd })
  expect({ code, stdout }).toEqual({ code: 6, stdout: '' })
  expect(stderr).toContain('waymark/first-track.yaml is there already, so nothing was written.')
  expect(readFileSync(join(cwd, 'waymark/first-track.yaml'), 'utf8')).toBe('mine')
  expect(existsSync(join(cwd, 'waymark/events.ts'))).toBe(false)
})
