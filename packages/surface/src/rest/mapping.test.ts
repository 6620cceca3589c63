import { describe, expect, it } from 'vitest'
import { registry } from '../../test-support/fixture.ts'
import { MappingError } from '../errors.ts'
import { checkMappings, createMapper, type Mapping } from './mapping.ts'

describe('checkMappings', () => {
  it.each<[string, readonly Mapping[]]>([
    ['MAPPING_TARGET_UNKNOWN', [{ from: 'Order', to: 'order.shipped' }]],
    ['MAPPING_TARGET_UNKNOWN', [{ from: 'Order', to: 'order.placed@3' }]],
    ['MAPPING_TARGET_UNKNOWN', [{ from: 'Order', to: 'shop.orders.place' }]],
    [
      'MAPPING_DUPLICATE',
      [
        { from: 'Order', to: 'order.placed' },
        { from: 'Order', to: 'order.placed@1' },
      ],
    ],
    ['MAPPING_POINTER_ILLEGAL', [{ from: 'Order', to: 'order.placed', learner: 'user' }]],
    ['MAPPING_POINTER_ILLEGAL', [{ from: 'Order', to: 'order.placed', account: '/a~2' }]],
    ['MAPPING_POINTER_ILLEGAL', [{ from: 'Order', to: 'order.placed', payload: { orderId: '/id' } }]],
    ['MAPPING_POINTER_ILLEGAL', [{ from: 'Order', to: 'order.placed', payload: { '/orderId': 'id' } }]],
    ['MAPPING_POINTER_ILLEGAL', [{ from: 'Order', to: 'order.placed', payload: { '/a': '/x', '/a/b': '/y' } }]],
    ['MAPPING_POINTER_ILLEGAL', [{ from: 'Order', to: 'order.placed', payload: { '': '/x', '/b': '/y' } }]],
    ['MAPPING_POINTER_ILLEGAL', [{ from: 'Order', to: 'order.placed', payload: { '/__proto__/x': '/y' } }]],
  ])('refuses with %s: %j', (code, mappings) => {
    expect(() => checkMappings(mappings, registry)).toThrow(MappingError)
    expect(() => checkMappings(mappings, registry)).toThrow(expect.objectContaining({ code }))
    expect(() => checkMappings(mappings, registry)).toThrow(/The mapping from "Order"/)
  })

  it('says what is known when the target is not', () => {
    expect(() => checkMappings([{ from: 'Order', to: 'order.shipped' }], registry)).toThrow(/order\.placed/)
  })

  it('takes keys, majors and versions', () => {
    const mappings = ['order.placed', 'order.placed@1', 'order.placed@2.0.0'].map((to, i) => ({ from: `o${i}`, to }))
    expect(() => checkMappings(mappings, registry)).not.toThrow()
  })
})

describe('createMapper', () => {
  const payload = { id: 'o1', money: { total: 5 }, who: { id: 'l1' }, org: 'a1' }

  it('takes a payload as it is', () => {
    const map = createMapper([{ from: 'Order', to: 'order.placed@1' }])
    expect(map('Order', payload)).toEqual({ eventName: 'order.placed', eventVersion: '1', eventPayload: payload })
    expect(map('order', payload)).toBeUndefined()
    expect(map(undefined, payload)).toBeUndefined()
  })

  it('builds a payload, leaving out what is missing', () => {
    const parts = { '/order/id': '/id', '/order/total': '/money/total', '/order/note': '/note', '/toString/x': '/org' }
    const map = createMapper([{ from: 'Order', to: 'order.placed@2', payload: parts, learner: '/who/id', account: '/org' }])
    expect(map('Order', payload)).toEqual({
      eventName: 'order.placed',
      eventVersion: '2',
      eventPayload: { order: { id: 'o1', total: 5 }, toString: { x: 'a1' } },
      learnerId: 'l1',
      accountId: 'a1',
    })
    expect(map('Order', 'text')).toMatchObject({ eventPayload: {}, learnerId: undefined })
  })

  it('moves the whole payload, or lifts a part of it to the top', () => {
    expect(createMapper([{ from: 'o', to: 'order.placed', payload: { '/all': '' } }])('o', payload)?.eventPayload).toEqual({
      all: payload,
    })
    expect(createMapper([{ from: 'o', to: 'order.placed', payload: { '': '/money' } }])('o', payload)?.eventPayload).toEqual({
      total: 5,
    })
  })
})
