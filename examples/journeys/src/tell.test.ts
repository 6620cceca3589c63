import { expect, test } from 'vitest'
import { tell } from './tell.ts'

test('each journey has a beginning to tell', () => {
  const lines: string[] = []
  tell((line) => lines.push(line))
  expect(lines.filter((line) => !line.startsWith(' '))).toEqual([
    'seven-day-quest: completed, 100 %',
    'account-rollout: active, 33 %',
    'role-diagnostic: active, 25 %',
    'word-drill: active, 50 %',
  ])
})
