import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { tempFolder } from '../../test-support/temp-folder.ts'
import { serve, waymark } from '../../test-support/waymark.ts'

it('starts again when a track changes, replaces the published one, and ends with 0', async () => {
  const cwd = tempFolder()
  await waymark(['init'], { cwd })
  const server = await serve({ cwd }, 'dev')
  expect(server.stdout()).toContain('first-steps 1.0.0, 2 steps')
  const file = join(cwd, 'waymark', 'first-track.yaml')
  const [head = '', tail = ''] = readFileSync(file, 'utf8').split('  - key: invite-team')
  writeFileSync(
    file,
    `${head}  - key: again\n    complete: { event: project.created, atLeast: 2 }\n\n  - key: invite-team${tail}`,
  )
  await server.printed('first-steps 1.0.0, 3 steps')
  server.signal('SIGTERM')
  expect(await server.ended).toBe(0)
})
