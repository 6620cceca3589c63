import { Ajv2020 } from 'ajv/dist/2020.js'
import { expect } from 'vitest'
import type { OpenApiDocument } from '../src/rest/openapi/open-api-document.ts'

interface ResponseObject {
  readonly $ref?: string
  readonly content?: Readonly<Record<string, unknown>>
  readonly headers?: Readonly<Record<string, { readonly $ref: string }>>
}

/** Headers that an answer has only when the document says so. */
const DOCUMENTED_HEADERS = ['www-authenticate', 'retry-after', 'deprecation', 'sunset', 'link', 'idempotency-replayed']

/** Checks that the document describes this answer to this call: path, method, status, media type, headers and body. */
export async function expectDocumented(document: OpenApiDocument, request: Request, response: Response): Promise<void> {
  expect(response.headers.get('x-request-id')).toBeTruthy()
  // Some doors of SDKs are the same with a slash at the end, which the document says in words.
  const pathname = new URL(request.url).pathname.replace(/\/$/, '')
  const item = document.paths[pathname]
  if (item === undefined) return expect(response.status, `${pathname} is not documented`).toBe(404)
  const method = request.method.toLowerCase() as 'get' | 'post'
  const operation = item[method]
  if (operation === undefined) return expect(response.status, `${request.method} ${pathname} is not documented`).toBe(405)
  const pointer = `/paths/${escaped(pathname)}/${method}/responses/${response.status}`
  let found = operation.responses[String(response.status)] as ResponseObject | undefined
  if (found === undefined) return expect.fail(`${response.status} of ${request.method} ${pathname} is not documented`)
  let place = pointer
  if (found.$ref !== undefined) {
    place = found.$ref.slice(1)
    found = document.components.responses[place.split('/').at(-1) as string] as ResponseObject
  }
  for (const name of DOCUMENTED_HEADERS) {
    if (response.headers.has(name)) expect(Object.keys(found.headers ?? {})).toContain(name)
  }
  const contentType = response.headers.get('content-type') ?? ''
  expect(Object.keys(found.content ?? {})).toContain(contentType)
  const validate = compiled(document, `${place}/content/${escaped(contentType)}/schema`)
  const body: unknown = await response.clone().json()
  expect(validate(body) ? [] : validate.errors, JSON.stringify(body)).toEqual([])
}

/** By the text of the document: every fixture writes the same one, and compiling it is what takes time. */
const documents = new Map<string, Ajv2020>()

function compiled(document: OpenApiDocument, pointer: string) {
  const text = JSON.stringify(document)
  let ajv = documents.get(text)
  if (ajv === undefined) {
    ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true })
    ajv.addSchema({ $id: 'https://shop.test/openapi', ...document })
    documents.set(text, ajv)
  }
  return (
    ajv.getSchema(`https://shop.test/openapi#${encodeURI(pointer)}`) ??
    ajv.compile({ $ref: `https://shop.test/openapi#${encodeURI(pointer)}` })
  )
}

function escaped(token: string): string {
  return token.replaceAll('~', '~0').replaceAll('/', '~1')
}
