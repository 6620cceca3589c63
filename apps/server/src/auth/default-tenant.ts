/** The tenant of the embedded server. */
export const DEFAULT_TENANT = 'default'
