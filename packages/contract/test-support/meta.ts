import type { Meta } from '../src/contract.ts'

/** The parts of `meta` that a test does not look at. */
export function meta<const Key extends string, const Version extends string = '1.0.0'>(
  key: Key,
  version: Version = '1.0.0' as Version,
  rest: Partial<Meta> = {},
): Meta<Key, Version> {
  return { stability: 'stable', owners: ['growth'], tags: [], description: 'For a test.', ...rest, key, version }
}
