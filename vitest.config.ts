import { defaultClientConditions, defaultServerConditions } from 'vite'
import { defineConfig } from 'vitest/config'

const skip = ['**/node_modules/**', '**/dist/**']

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
          include: ['{packages,apps,e2e}/**/*.pg.test.ts'],
          exclude: skip,
          globalSetup: './e2e/postgres/global-setup.ts',
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
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
