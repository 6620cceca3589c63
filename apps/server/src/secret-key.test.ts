import { chmodSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { tempFolder } from '../test-support/temp-folder.ts'
import { takeSecretKey } from './secret-key.ts'
import { isSecretKey } from './settings.ts'

it('makes a key once, for its owner only, and finds it again', () => {
  const cwd = tempFolder()
  const made = takeSecretKey(undefined, cwd)
  const file = join(cwd, '.waymark/key')
  expect(made).toEqual({ key: expect.toSatisfy(isSecretKey), origin: 'made', file })
  expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(readFileSync(file, 'utf8')).toBe(`${made.key}\n`)
  expect(takeSecretKey(undefined, cwd)).toEqual({ ...made, origin: 'file' })
})

it('makes no file when the environment has a key', () => {
  const cwd = tempFolder()
  const key = `wm_sk_${'k'.repeat(30)}`
  expect(takeSecretKey(key, cwd)).toMatchObject({ key, origin: 'environment' })
  expect(takeSecretKey(undefined, cwd).key).not.toBe(key)
})

it('refuses a damaged key file, and one that it cannot read', () => {
  const damaged = tempFolder({ '.waymark/key': 'secret' })
  expect(() => takeSecretKey(undefined, damaged)).toThrow(/does not hold one wm_sk_… key. Remove it/)
  const blocked = tempFolder({ '.waymark': 'a file where the folder belongs' })
  expect(() => takeSecretKey(undefined, blocked)).toThrow(/ENOTDIR.*set WAYMARK_SECRET_KEY/)
  const unreadable = tempFolder({ '.waymark/key': 'x' })
  chmodSync(join(unreadable, '.waymark/key'), 0o000)
  expect(() => takeSecretKey(undefined, unreadable)).toThrow(/cannot be used/)
})
