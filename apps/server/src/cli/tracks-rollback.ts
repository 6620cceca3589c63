import { createServerClient } from './server-client.ts'
import { type Published, type PublishOptions, reportPublished } from './tracks-publish.ts'

/** `waymark tracks rollback` */
export async function tracksRollback(
  trackId: string,
  { to, ...options }: Pick<PublishOptions, 'wait' | 'json'> & { readonly to?: string },
): Promise<void> {
  const client = createServerClient()
  const input = to === undefined ? { trackId } : { trackId, version: to }
  await reportPublished(client, await client.call<Published>('rollbackTrack', input), options)
}
