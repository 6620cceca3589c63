import { fileURLToPath } from 'node:url'
import { composeRegistry } from '@waymark/contract'
import { toSdl } from '@waymark/surface/graphql'
import { expect, it } from 'vitest'
import { OWN_MODULES } from './modules/own-modules.ts'

it('the GraphQL schema that is kept in docs/reference/generated is that of the contracts; `npx vitest run -u apps/server/src/graphql-schema.test.ts` writes it', async () => {
  const kept = fileURLToPath(new URL('../../../docs/reference/generated/schema.graphql', import.meta.url))
  await expect(await toSdl(composeRegistry(...OWN_MODULES))).toMatchFileSnapshot(kept)
})
