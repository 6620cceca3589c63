import { expect, it } from 'vitest'
import { createPathTable } from './path-table.ts'

const answer = () => new Response()

it('a path has its methods, with HEAD beside GET and OPTIONS beside all', () => {
  const table = createPathTable([
    ['GET', '/a', answer],
    ['POST', '/a', answer],
    ['POST', '/b', answer],
  ])
  expect([...table].map(([path, { allow }]) => [path, allow])).toEqual([
    ['/a', 'GET, HEAD, OPTIONS, POST'],
    ['/b', 'OPTIONS, POST'],
  ])
})

it('two endpoints with one path are refused, naming it', () => {
  const twice = ['GET', '/a', answer] as const
  expect(() => createPathTable([twice, twice])).toThrow('GET /a is the path of two endpoints.')
})
