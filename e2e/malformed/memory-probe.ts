/**
 * Loaded before a server (`--import`): on SIGUSR2 it collects what nothing refers to, and writes on stderr how much is left, in bytes, and how
 * long the process has computed, in milliseconds, without the collection (`before`) and with it (`after`).
 */
import { writeSync } from 'node:fs'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { isMainThread } from 'node:worker_threads'

if (isMainThread) {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  process.on('SIGUSR2', () => {
    const before = computed()
    collect()
    collect()
    const { heapUsed, external, rss } = process.memoryUsage()
    writeSync(2, `memory ${JSON.stringify({ heapUsed, external, rss, before, after: computed() })}\n`)
  })
}

function computed(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1_000
}
