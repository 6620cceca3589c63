import { createPostgresStore } from '@waymark/store/postgres'
import { describe, inject } from 'vitest'
import { makeDatabase } from '../../packages/store/fixtures/make-database.ts'
import { publishingCases } from './publishing-cases.ts'

describe('on PostgreSQL', () =>
  publishingCases(async () => {
    const store = await createPostgresStore({ url: await makeDatabase(inject('postgres')) })
    return { store, remove: async () => {} }
  }, 2_000))
