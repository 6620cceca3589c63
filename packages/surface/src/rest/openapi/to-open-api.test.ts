import { createConfig, lintFromString } from '@redocly/openapi-core'
import { Validator } from '@seriousme/openapi-schema-validator'
import { composeRegistry, defineModule, defineQuery } from '@waymark/contract'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { registry, registryWithoutIngest } from '../../../test-support/fixture.ts'
import { toOpenApi } from './to-open-api.ts'

const options = { title: 'Shop', version: '1.2.3', license: 'Apache-2.0', serverUrl: 'https://shop.test' }
const document = toOpenApi(registry, options)
const Hello = defineQuery({
  meta: { key: 'app.hello', version: '1.0.0', stability: 'stable', owners: ['app'], tags: ['app'], description: 'Says hello.' },
  io: { input: z.object({ name: z.string() }), output: z.object({ text: z.string() }) },
  policy: { auth: 'anonymous' },
})
const smallApp = toOpenApi(composeRegistry(defineModule({ key: 'app', contracts: [Hello] })), { ...options, title: 'App' })
const { paths, components } = document
const place = paths['/v1/shop/orders/place']?.post
const schema = (name: string) => ({ $ref: `#/components/schemas/${name}` })
const response = (name: string) => ({ $ref: `#/components/responses/${name}` })

/** The codes that the responses of an operation name, by status. */
function codesOf(path: string, method: 'get' | 'post' = 'post') {
  const responses = Object.entries(paths[path]?.[method]?.responses ?? {})
  return Object.fromEntries(
    responses.map(([status, found]) => {
      const shared = typeof found.$ref === 'string' ? components.responses[found.$ref.split('/').at(-1) as string] : found
      return [status, [...String(shared?.description).matchAll(/`([A-Z_]+)`:/g)].map(([, code]) => code)]
    }),
  )
}

describe('toOpenApi', () => {
  it('writes a valid OpenAPI 3.1 document', async () => {
    const { valid, errors } = await new Validator().validate(structuredClone(document) as never)
    expect(errors ?? []).toEqual([])
    expect(valid).toBe(true)
    expect(document).toMatchObject({
      openapi: '3.1.1',
      info: { title: 'Shop', version: '1.2.3' },
      servers: [{ url: 'https://shop.test' }],
    })
  })

  it('writes every reference to something that is there', () => {
    const refs = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, path]) => path as string)
    expect(refs.length).toBeGreaterThan(50)
    for (const ref of new Set(refs)) {
      const found = ref.split('/').reduce<unknown>((at, token) => (at as Record<string, unknown> | undefined)?.[token], document)
      expect(found, ref).toBeDefined()
    }
  })

  it('has no component that nothing refers to', () => {
    const text = JSON.stringify(document)
    for (const [kind, all] of Object.entries(components)) {
      for (const name of Object.keys(all)) {
        expect(text).toContain(kind === 'securitySchemes' ? `{"${name}":[]}` : `"#/components/${kind}/${name}"`)
      }
    }
  })

  it('has the examples of an operation at its body and at its answer, under one name', () => {
    const at = (place: unknown, ...path: readonly string[]) =>
      path.reduce<unknown>((value, name) => (value as Readonly<Record<string, unknown>> | undefined)?.[name], place)
    expect(at(place, 'requestBody', 'content', 'application/json', 'examples')).toEqual({
      'example-1': { summary: 'A `rare` one is sold out.', value: { learnerId: 'bo', items: [{ sku: 'rare', count: 1 }] } },
      'example-2': { summary: 'Two of one.', value: { learnerId: 'bo', items: [{ sku: 'tea', count: 2 }] } },
    })
    expect(at(place, 'responses', '200', 'content', 'application/json', 'examples')).toEqual({
      'example-2': { summary: 'Two of one.', value: { orderId: 'order-1', calls: 1 } },
    })
  })

  it('gives every operation an id of its own', () => {
    const ids = Object.values(paths).flatMap((item) => Object.values(item).map(({ operationId }) => operationId))
    expect(new Set(ids).size).toBe(ids.length)
    expect(ids).toEqual(
      expect.arrayContaining([
        'shop.orders.place',
        'shop.orders.cancel',
        'shop.orders.cancelV0',
        'shop.orders.cancelV2',
        'shop.catalog.search',
        'shop.catalog.searchByPost',
        'segment.batch',
        'cloudEvents.receive',
      ]),
    )
  })

  it.each([
    ['everything that a contract can have', document],
    ['an app with one query and no words about its tag', smallApp],
  ])('has nothing that Redocly would mend: %s', async (_, document) => {
    const source = JSON.stringify(document)
    const problems = await lintFromString({ source, config: await createConfig({ extends: ['recommended-strict'] }) })
    expect(problems.map(({ ruleId, message, location }) => [ruleId, message, location[0]?.pointer])).toEqual([])
  })

  it('declares the tags that modules describe and that something has, and says the license that it is told', () => {
    expect(document.tags).toEqual([
      { name: 'catalog', description: 'What there is to buy.' },
      { name: 'ingest', description: 'What unmodified event SDKs call.' },
      { name: 'shop', description: 'From the basket to the door.' },
    ])
    expect(document.info.license).toEqual({ name: 'Apache-2.0', identifier: 'Apache-2.0' })
    expect(smallApp.tags).toEqual([])
    expect(toOpenApi(registry, { title: 'Shop', version: '1.0.0' }).info).not.toHaveProperty('license')
  })

  it('describes a command', () => {
    expect(place).toMatchObject({
      operationId: 'shop.orders.place',
      summary: 'shop.orders.place.',
      description: 'Sell.\n\nAt the checkout.',
      tags: ['shop'],
      security: [{ learnerToken: [] }, { secretKey: [] }],
      parameters: [{ $ref: '#/components/parameters/IdempotencyKey' }],
      requestBody: { required: true, content: { 'application/json': { schema: schema('ShopOrdersPlaceInput') } } },
      'x-waymark-id': 'shop.orders.place@1.0.0',
      'x-waymark-stability': 'stable',
      'x-waymark-emits': ['order.placed@1.0.0'],
    })
    expect(place).not.toHaveProperty('deprecated')
    expect(place?.responses['200']).toMatchObject({
      headers: { 'idempotency-replayed': { $ref: '#/components/headers/IdempotencyReplayed' } },
      content: { 'application/json': { schema: schema('ShopOrdersPlaceOutput') } },
    })
    expect(components.schemas.ShopOrdersPlaceInput).toMatchObject({ type: 'object', required: ['learnerId', 'items'] })
  })

  it('lists every error by status, with codes, situations and data', () => {
    expect(codesOf('/v1/shop/orders/place')).toEqual({
      200: [],
      401: ['UNAUTHENTICATED'],
      402: ['CARD_DECLINED'],
      403: ['FORBIDDEN'],
      404: ['NOT_FOUND'],
      409: ['OUT_OF_STOCK', 'CONFLICT', 'IDEMPOTENCY_MISMATCH'],
      413: ['PAYLOAD_TOO_LARGE'],
      415: ['UNSUPPORTED_MEDIA_TYPE'],
      422: ['VALIDATION_FAILED'],
      429: ['RATE_LIMITED'],
      431: ['HEADERS_TOO_LARGE'],
      500: ['INTERNAL'],
      504: ['TIMEOUT'],
    })
    expect(place?.responses['401']).toEqual(response('Unauthenticated'))
    expect(place?.responses['409']).toMatchObject({
      description: expect.stringContaining('`OUT_OF_STOCK`: An item is sold out'),
      content: {
        'application/problem+json': {
          schema: {
            allOf: [schema('Problem')],
            oneOf: [
              { properties: { status: { enum: [409] }, code: { enum: ['CONFLICT', 'IDEMPOTENCY_MISMATCH'] } } },
              {
                properties: { code: { const: 'OUT_OF_STOCK' }, data: schema('ShopOrdersPlaceError_OUT_OF_STOCK') },
                required: ['status', 'code', 'data'],
              },
            ],
          },
        },
      },
    })
    expect(components.schemas.ShopOrdersPlaceError_OUT_OF_STOCK).toMatchObject({ properties: { sku: { type: 'string' } } })
    expect(components.responses.Unauthenticated).toMatchObject({
      headers: { 'www-authenticate': {} },
      content: {
        'application/problem+json': {
          schema: {
            allOf: [schema('Problem'), { properties: { status: { enum: [401] }, code: { enum: ['UNAUTHENTICATED'] } } }],
          },
        },
      },
    })
  })

  it('lists only reserved errors that can occur', () => {
    expect(Object.keys(codesOf('/v1/shop/catalog/search', 'get'))).toEqual(['200', '401', '404', '422', '429', '431', '500'])
    expect(Object.keys(codesOf('/v1/shop/catalog/search'))).toEqual([
      '200',
      '401',
      '404',
      '413',
      '415',
      '422',
      '429',
      '431',
      '500',
    ])
    expect(codesOf('/v1/shop/orders/cancel')).toMatchObject({ 409: ['CONFLICT'], 410: ['GONE'] })
  })

  it('describes a query by its parameters', () => {
    const { get, post } = paths['/v1/shop/catalog/search'] ?? {}
    const parameters = get?.parameters as { name: string }[]
    expect(parameters.find(({ name }) => name === 'text')).toEqual({
      name: 'text',
      in: 'query',
      required: true,
      schema: { type: 'string' },
    })
    expect(parameters.find(({ name }) => name === 'count')).toMatchObject({
      required: false,
      description: 'How many.',
      schema: { type: 'integer' },
    })
    expect(parameters.find(({ name }) => name === 'sizes')).toMatchObject({
      schema: { type: 'array', items: { type: 'number' } },
    })
    expect(parameters.find(({ name }) => name === 'filter')).toMatchObject({
      content: { 'application/json': { schema: { type: 'object' } } },
    })
    expect(get).not.toHaveProperty('requestBody')
    expect(get?.security).toEqual([{}])
    expect(post).toMatchObject({ requestBody: { content: { 'application/json': { schema: schema('ShopCatalogSearchInput') } } } })
    expect(post).not.toHaveProperty('parameters')
  })

  it('adds cursor and limit to a page, and keeps its items apart', () => {
    const parameters = paths['/v1/shop/orders/list']?.get?.parameters as { name: string }[]
    expect(parameters.map(({ name }) => name)).toEqual(['learnerId', 'cursor', 'limit'])
    expect(components.schemas.ShopOrdersListOutput).toMatchObject({
      properties: {
        items: { type: 'array', items: schema('ShopOrdersListOutputItem') },
        nextCursor: { type: ['string', 'null'] },
      },
    })
  })

  it('describes a stream by its item, its two types, and the header that goes on', () => {
    const { get, post } = paths['/v1/shop/orders/watch'] ?? {}
    const parameters = get?.parameters as { name?: string; $ref?: string }[]
    expect(parameters.map(({ name, $ref }) => name ?? $ref)).toEqual([
      'learnerId',
      'after',
      '#/components/parameters/LastEventId',
    ])
    expect(post?.parameters).toEqual([{ $ref: '#/components/parameters/LastEventId' }])
    expect(components.parameters.LastEventId).toMatchObject({ name: 'Last-Event-ID', in: 'header' })
    expect(get?.responses['200']?.content).toMatchObject({
      'text/event-stream': { schema: { type: 'string' } },
      'application/x-ndjson': { schema: schema('ShopOrdersWatchOutputItem') },
    })
    expect(components.schemas.ShopOrdersWatchOutputItem).toMatchObject({ properties: { cursor: { type: 'string' } } })
    expect(codesOf('/v1/shop/orders/watch', 'get')).toMatchObject({ 406: ['NOT_ACCEPTABLE'], 409: ['CLOSED'] })
  })

  it('rewrites the references of recursive and shared schemas', () => {
    expect(components.schemas.ShopTreeSaveInput).toMatchObject({
      properties: { children: { items: schema('ShopTreeSaveInput') } },
    })
    expect(components.schemas.ShopTreeSaveOutput).toMatchObject({
      properties: { price: schema('ShopTreeSaveOutput_Money'), tax: schema('ShopTreeSaveOutput_Money') },
    })
    expect(components.schemas.ShopTreeListOutputItem).toMatchObject({
      properties: { children: { items: schema('ShopTreeListOutputItem') } },
    })
    expect(JSON.stringify(document)).not.toMatch(/\$defs|"\$ref":"#"/)
  })

  it('says who may call', () => {
    const securityOf = (path: string, method: 'get' | 'post' = 'post') => paths[path]?.[method]?.security
    expect(securityOf('/v1/shop/orders/touch')).toEqual([{ secretKey: [] }])
    expect(securityOf('/v1/shop/admin/break')).toEqual([{ secretKey: [] }])
    expect(securityOf('/v1/shop/tree/list', 'get')).toEqual([{ secretKey: [] }])
    expect(securityOf('/v1/batch')).toEqual([{ writeKey: [] }, { secretKey: [] }])
    expect(securityOf('/batch')).toEqual([{}, { writeKey: [] }, { secretKey: [] }])
    expect(components.securitySchemes).toMatchObject({
      secretKey: { type: 'http', scheme: 'bearer' },
      learnerToken: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
      writeKey: { type: 'http', scheme: 'basic' },
    })
  })

  it('marks what is deprecated', () => {
    const cancel = paths['/v1/shop/orders/cancel']?.post
    expect(cancel).toMatchObject({ deprecated: true, 'x-waymark-stability': 'deprecated' })
    expect(cancel?.responses['200']).toHaveProperty('headers.sunset')
    expect(cancel?.responses['401']).toHaveProperty('headers.deprecation')
    expect(paths['/v2/shop/orders/cancel']?.post).not.toHaveProperty('deprecated')
  })

  it('describes the endpoints of SDKs where the registry can ingest', () => {
    expect(Object.keys(paths)).toEqual(
      expect.arrayContaining([
        '/v1/batch',
        '/v1/import',
        '/v1/track',
        '/v1/identify',
        '/v1/group',
        '/v1/alias',
        '/v1/page',
        '/v1/screen',
        '/batch',
        '/capture',
        '/i/v0/e',
        '/events',
      ]),
    )
    expect(Object.keys((paths['/events']?.post?.requestBody as { content?: object } | undefined)?.content ?? {})).toEqual([
      'application/json',
      'application/cloudevents+json',
      'application/cloudevents-batch+json',
    ])
    expect(paths['/v1/batch']?.post?.responses['200']).toMatchObject({
      content: { 'application/json': { schema: schema('LearningOnboardingIngestOutput') } },
    })
    const without = toOpenApi(registryWithoutIngest, { title: 'Shop', version: '1.0.0' })
    expect(Object.keys(without.paths).filter((path) => !path.includes('/shop/'))).toEqual([])
  })

  it('gives a query whose input is no object to POST alone, under the plain id', () => {
    const Count = defineQuery({
      meta: { key: 'a.count', version: '1.0.0', stability: 'stable', owners: ['a'], tags: [], description: 'Counts.' },
      io: { input: z.array(z.string()), output: z.number() },
      policy: { auth: 'anonymous' },
    })
    const { paths } = toOpenApi(composeRegistry(defineModule({ key: 'a', contracts: [Count] })), { title: 'A', version: '1.0.0' })
    expect(Object.keys(paths['/v1/a/count'] ?? {})).toEqual(['post'])
    expect(paths['/v1/a/count']?.post).toMatchObject({ operationId: 'a.count', requestBody: { required: true } })
  })

  it('writes the same document every time', () => {
    expect(JSON.stringify(toOpenApi(registry, options))).toBe(JSON.stringify(document))
  })
})
