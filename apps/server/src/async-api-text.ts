import { composeRegistry } from '@waymark/contract'
import { toAsyncApi } from '@waymark/surface/bus'
import { OWN_MODULES } from './modules/own-modules.ts'
import { version } from './version.ts'

/** The AsyncAPI document of the events that every server has, as the text that `docs/reference/asyncapi.json` holds. */
export function asyncApiText(): string {
  return `${JSON.stringify(toAsyncApi(composeRegistry(...OWN_MODULES), { title: 'Waymark', version }), null, 2)}\n`
}
