import type { TestProject } from 'vitest/node'
import { startPostgres } from './start-postgres.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Of a running PostgreSQL, as a superuser. */
    readonly postgres: string
    /** The folder of its commands; absent: those from npm. */
    readonly postgresBin?: string
  }
}

/** One server for all test files; every file makes databases of its own in it. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { postgresBin } = project.getProvidedContext()
  const server = await startPostgres(postgresBin === undefined ? {} : { bin: postgresBin })
  project.provide('postgres', server.url)
  return () => server.remove()
}
