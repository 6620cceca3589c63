import { expect, test } from 'vitest'
import { z } from 'zod'
import { definitionError } from '../test-support/definition-error.ts'
import { createManualClock } from '../test-support/manual-clock.ts'
import { createMemoryUnitOfWork } from '../test-support/memory-unit-of-work.ts'
import { meta } from '../test-support/meta.ts'
import { defineCommand, defineEvent, defineModule } from './define.ts'
import { type Handlers, implement } from './implement.ts'
import { composeRegistry } from './registry.ts'
import { createRuntime } from './runtime.ts'

const io = { input: z.object({}), output: z.string() }
const policy = { auth: 'anonymous' } as const
const Create = defineCommand({ meta: meta('crm.deals.create'), io, policy })
const Create2 = defineCommand({ meta: meta('crm.deals.create', '2.4.1'), io, policy })
const Close = defineCommand({ meta: meta('crm.deals.close', '0.3.0'), io, policy })
const Created = defineEvent({ meta: meta('deal.created'), payload: z.object({}) })
const crm = defineModule({ key: 'crm', contracts: [Create, Create2, Close, Created] })
const handlers: Handlers<typeof crm> = {
  'crm.deals.create': async () => 'first',
  'crm.deals.create@2': {
    commit: 'group',
    handle: async ({ check }) => {
      const checked = check('second')
      if (!checked.ok) throw checked.error
      return checked.output
    },
  },
  'crm.deals.close': async () => 'closed',
}
const clock = createManualClock()
const ports = { now: clock.now, after: clock.after, newId: () => 'id', hash: (text: string) => text }

test('handlers are bound by key, and by key@major from major 2 on', () => {
  const { bindings } = implement(crm).handlers(handlers)
  expect([...bindings].map(([id, { commit }]) => [id, commit])).toEqual([
    ['crm.deals.create@1.0.0', 'own'],
    ['crm.deals.create@2.4.1', 'group'],
    ['crm.deals.close@0.3.0', 'own'],
  ])
})

test('events need no handler', () => {
  expect(implement(defineModule({ key: 'events', contracts: [Created] })).handlers({}).bindings.size).toBe(0)
})

test.each([
  ['is absent', undefined],
  ['is no function', 'text'],
  ['is null', null],
  ['is a group without a function', { commit: 'group', handle: 1 }],
  ['names another kind of commit', { commit: 'none', handle: async () => 'x' }],
])('a handler that %s is missing', (_, close) => {
  const error = definitionError(() => implement(crm).handlers({ ...handlers, 'crm.deals.close': close } as never))
  expect(error.code).toBe('HANDLER_MISSING')
  expect(error.message).toContain('Module crm has no handler crm.deals.close for crm.deals.close@0.3.0.')
})

test('a handler of no operation is refused, with the known names', () => {
  const error = definitionError(() => implement(crm).handlers({ ...handlers, 'crm.deals.drop': async () => 'x' } as never))
  expect(error.code).toBe('HANDLER_UNKNOWN')
  expect(error.message).toContain('crm.deals.drop')
  expect(error.message).toContain('crm.deals.create, crm.deals.create@2, crm.deals.close')
})

test('two versions that would share a handler are refused, both named', () => {
  const Older = defineCommand({ meta: meta('crm.deals.create', '0.9.0'), io, policy })
  const both = defineModule({ key: 'crm', contracts: [Create, Older] })
  const error = definitionError(() => implement(both).handlers({ 'crm.deals.create': async () => 'x' }))
  expect(error.code).toBe('HANDLER_DUPLICATE')
  expect(error.message).toContain('crm.deals.create@1.0.0 and crm.deals.create@0.9.0')
})

test('fail makes the declared and the reserved errors, and nothing else', () => {
  const fail = implement(crm).handlers(handlers).bindings.get('crm.deals.close@0.3.0')?.fail
  expect(fail?.NOT_FOUND?.({ detail: 'No such deal.' })).toMatchObject({ code: 'NOT_FOUND', message: 'No such deal.' })
  expect(fail?.DEAL_LOST).toBeUndefined()
  expect(Object.isFrozen(fail)).toBe(true)
})

test('a runtime refuses an operation without a handler', () => {
  const error = definitionError(() => createRuntime({ registry: composeRegistry(crm), implementations: [], ports }))
  expect(error.code).toBe('HANDLER_MISSING')
  expect(error.message).toContain('crm.deals.close@0.3.0 has no handler')
})

test('a runtime refuses two implementations of one operation', () => {
  const twice = [implement(crm).handlers(handlers), implement(crm).handlers(handlers)]
  const unitOfWork = createMemoryUnitOfWork()
  const options = { registry: composeRegistry(crm), implementations: twice, ports: { ...ports, unitOfWork } }
  expect(definitionError(() => createRuntime(options)).code).toBe('HANDLER_DUPLICATE')
})

test('a runtime without a unit of work takes group handlers only', () => {
  const implementations = [implement(crm).handlers(handlers)]
  const error = definitionError(() => createRuntime({ registry: composeRegistry(crm), implementations, ports }))
  expect(error.code).toBe('PORT_MISSING')
  expect(error.message).toContain('ports.unitOfWork')
  const grouped = defineModule({ key: 'crm', contracts: [Create2] })
  const implementation = implement(grouped).handlers({ 'crm.deals.create@2': handlers['crm.deals.create@2'] })
  expect(() => createRuntime({ registry: composeRegistry(grouped), implementations: [implementation], ports })).not.toThrow()
})
