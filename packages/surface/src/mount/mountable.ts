/** What is mounted: `createRest`, or a whole Waymark. */
export interface Mountable {
  /** @param info `basePath`: the path below which it is reached. */
  fetch(request: Request, info?: { readonly basePath?: string }): Response | Promise<Response>
}

/** Where the host has put it. */
export interface MountOptions {
  /** The path below which everything is reached, for example `/waymark`; the root of the host when absent. */
  readonly basePath?: string
}
