// Random streaks against the oracle. More of them by the environment (a million take four minutes):
//   STREAK_RUNS=1000000 npx vitest run --project e2e e2e/streak
// A failure prints its seed: `node e2e/streak/property.ts <runs> <seed>` does the same again.
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { checkStreaks } from './property.ts'

const runs = Number(process.env.STREAK_RUNS ?? 3_000)
const property = join(import.meta.dirname, 'property.ts')

describe('random streaks in twenty zones', () => {
  it(
    'are what the oracle says after every step',
    () => {
      const met = checkStreaks(runs)
      for (const [what, count] of Object.entries(met)) expect(count, what).toBeGreaterThan(runs / 100)
    },
    60_000 + runs,
  )

  it.each(['Asia/Tokyo', 'America/St_Johns', 'Pacific/Kiritimati'])('are the same when the process lives in %s', async (zone) => {
    const { stdout } = await promisify(execFile)(process.execPath, [property, '300'], { env: { ...process.env, TZ: zone } })
    expect(JSON.parse(stdout)).toMatchObject({ zone, runs: 300 })
  })
})
