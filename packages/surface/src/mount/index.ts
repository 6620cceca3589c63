/** Waymark inside an application that is there: one adapter for each kind of host, none of which is a dependency. */
export type { Mountable, MountOptions } from './mountable.ts'
export { type ExpressOptions, type ExpressRequest, toExpress } from './to-express.ts'
export { type FastifyOptions, toFastify } from './to-fastify.ts'
export { toFetch } from './to-fetch.ts'
export { toHono } from './to-hono.ts'
export { toNext } from './to-next.ts'
