/** The Waymark server, to embed in a process of your own or in tests. */
export { createWaymark, type Waymark, type WaymarkOptions } from './create-waymark.ts'
export { SERVER_ERRORS, ServerError, type ServerErrorCode } from './errors.ts'
export type { Logger } from './logger.ts'
export type { Definitions } from './modules/definitions.ts'
export type { Environment } from './settings.ts'
export { type RunningServer, type StartOptions, startServer } from './start-server.ts'
