import { globSync } from 'node:fs'
import { dirname } from 'node:path'
import { defaultClientConditions, defaultServerConditions } from 'vite'
import { defineConfig } from 'vitest/config'

const skip = ['**/node_modules/**', '**/dist/**']

const onPostgres = {
  include: ['{packages,apps,e2e}/**/*.pg.test.ts'],
  exclude: skip,
  globalSetup: './e2e/postgres/global-setup.ts',
  testTimeout: 60_000,
  hookTimeout: 60_000,
}

/** PostgreSQL as the system has it, usually an older one than that from npm. */
const systemPostgres = globSync('/usr/lib/postgresql/*/bin/initdb').map(dirname).sort()[0]
if (systemPostgres === undefined && process.env.VITEST_POOL_ID === undefined) {
  console.log('Left out: postgres-system, there is no PostgreSQL of the system (scripts/install-components.sh installs one).')
}

export default defineConfig({
  // `ssr.resolve.conditions` also reaches Node's own resolver in worker and child threads; `resolve.conditions` alone does not.
  ssr: { resolve: { conditions: ['@waymark/source', ...defaultServerConditions] } },
  resolve: { conditions: ['@waymark/source', ...defaultClientConditions] },
  test: {
    // Vitest leaves one processor free, which on two halves the speed.
    maxWorkers: '100%',
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['{packages,apps,examples}/**/src/**/*.test.{ts,tsx}', '{scripts,bench}/**/*.test.ts'],
          exclude: ['**/*.process.test.ts', '**/*.pg.test.ts', ...skip],
          // Some compile, hash or read a lot, and a machine can be busy with others.
          testTimeout: 30_000,
        },
      },
      {
        extends: true,
        test: {
          // Real servers, and tests of a package that start processes.
          name: 'e2e',
          include: ['e2e/**/*.test.ts', '{packages,apps}/**/src/**/*.process.test.ts'],
          exclude: ['**/*.full.test.ts', '**/*.pg.test.ts', ...skip],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          // Real PostgreSQL, one server for all of them.
          name: 'postgres',
          ...onPostgres,
        },
      },
      ...(systemPostgres === undefined
        ? []
        : [
            {
              extends: true as const,
              test: { name: 'postgres-system', ...onPostgres, provide: { postgresBin: systemPostgres } },
            },
          ]),
      {
        extends: true,
        test: {
          name: 'full',
          include: ['e2e/**/*.full.test.ts'],
          exclude: skip,
          testTimeout: 20 * 60_000,
          hookTimeout: 20 * 60_000,
        },
      },
    ],
  },
})
