import { expect, test } from 'vitest'
import { nearest } from './nearest.ts'

test('names that differ by little are found, nearest first', () => {
  expect(nearest('deal.craeted', ['pipeline.created', 'deal.closed', 'deal.created'])).toEqual(['deal.created', 'deal.closed'])
})

test('at most three are named, in a fixed order', () => {
  const known = ['abd', 'abe', 'abc', 'abf', 'abc']
  expect(nearest('abx', known)).toEqual(['abc', 'abd', 'abe'])
})

test('a name that is too far off is not', () => {
  expect(nearest('signup', ['deal.created', 'x'])).toEqual([])
  expect(nearest('', [])).toEqual([])
})

test('case does not matter', () => {
  expect(nearest('FIRST-WIN', ['first-win'])).toEqual(['first-win'])
})
