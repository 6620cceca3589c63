import { readFileSync } from 'node:fs'

const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as Record<
  'version' | 'license',
  string
>

/** The version of this package. */
export const version = manifest.version

/** The license of this package, and of the API of which it has every contract. */
export const ownLicense = manifest.license
