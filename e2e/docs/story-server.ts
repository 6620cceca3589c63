import { ServerProcess } from '../server/server-process.ts'

/** A server that serves the built-in sample, in which the examples of the contracts take place. */
export async function startStoryServer(): Promise<ServerProcess> {
  return await ServerProcess.start({ modules: '' })
}

/** Resolves when no backfill and no dry run is on its way: the next chapter begins with what they brought. */
export async function untilJobsEnded(server: ServerProcess): Promise<void> {
  for (;;) {
    const { body } = await server.call('listJobs', {})
    if (!body.items.some((job: { readonly status: string }) => job.status === 'running')) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
