import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { tempFolder } from '../../test-support/temp-folder.ts'
import { waymark } from '../../test-support/waymark.ts'

const MODULE = `
import { defineModule, defineQuery, implement } from '@waymark/contract'
import { z } from 'zod'
const Hello = defineQuery({
  meta: { version: '1.0.0', stability: 'stable', owners: [], tags: [], description: 'Says hello.', key: 'library.hello' },
  io: { input: z.object({ name: z.string() }), output: z.object({ text: z.string() }) },
  policy: { auth: 'anonymous' },
})
const library = defineModule({ key: 'library', contracts: [Hello] })
export default implement(library).handlers({ 'library.hello': async () => ({ text: 'hello' }) })
`

describe('contracts', () => {
  it('prints the OpenAPI document of our contracts and of the modules at hand', async () => {
    const { code, stdout, stderr } = await waymark(['contracts', 'openapi'], {
      cwd: tempFolder({ 'waymark/library.ts': MODULE }),
    })
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(Object.keys(JSON.parse(stdout).paths)).toEqual(
      expect.arrayContaining(['/v1/library/hello', '/v1/learning/onboarding/recordEvent', '/v1/server/database/backup']),
    )
  })

  it('says the license that is set, and our own where nothing else is served', async () => {
    const infoOf = async (name: string, files: Record<string, string>, env: Record<string, string> = {}) =>
      JSON.parse((await waymark(['contracts', name], { cwd: tempFolder(files), env })).stdout).info
    const module = { 'waymark/library.ts': MODULE }
    expect(await infoOf('openapi', {})).toMatchObject({ license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } })
    expect(await infoOf('openapi', module)).not.toHaveProperty('license')
    expect(await infoOf('asyncapi', module, { WAYMARK_LICENSE: 'MIT' })).toMatchObject({ license: { name: 'MIT' } })
  })

  it('writes a client to a file, and says so on stderr', async () => {
    const cwd = tempFolder({ 'waymark/library.ts': MODULE })
    const { code, stdout, stderr } = await waymark(['contracts', 'client', '--out', 'client.ts'], { cwd })
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' })
    expect(stderr).toContain('to client.ts')
    expect(readFileSync(join(cwd, 'client.ts'), 'utf8')).toContain("meta: { key: 'library.hello', version: '1.0.0' }")
  })

  it('says where a module is wrong, and where a file cannot be written', async () => {
    const wrong = await waymark(['contracts', 'client'], { cwd: tempFolder({ 'waymark/a.ts': 'export const a = 1' }) })
    expect(wrong).toMatchObject({ code: 3, stdout: '', stderr: expect.stringContaining('Exports nothing that is served') })
    const nowhere = await waymark(['contracts', 'client', '--out', 'no/where.ts'], { cwd: tempFolder() })
    expect(nowhere).toMatchObject({ code: 1, stderr: expect.stringContaining('Cannot write no/where.ts') })
  })
})
