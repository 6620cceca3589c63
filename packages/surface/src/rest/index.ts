/** Contracts over HTTP: routes, problems, an OpenAPI document, and the ingest endpoints of event SDKs. */
export { type MappingCode, MappingError, SURFACE_ERRORS, type SurfaceCode } from '../errors.ts'
export { createRest, type OtherEndpoint, type RequestInfo, type Rest, type RestOptions } from './create-rest.ts'
export { checkMappings, type Mapping } from './mapping.ts'
export type { OpenApiDocument } from './openapi/open-api-document.ts'
export { type OpenApiOptions, toOpenApi } from './openapi/to-open-api.ts'
export { createStreamSlots, type StreamSlots } from './stream-slots.ts'
