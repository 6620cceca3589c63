import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ServerProcess } from '../server/server-process.ts'

const BIN = resolve(import.meta.dirname, '../../.cache/python/bin')
const run = promisify(execFile)

/** Somebody who has Python, and nothing of ours but the document. */
const PROGRAM = `
import json
import sys

from waymark import AuthenticatedClient, Client
from waymark.api.learning import learning_onboarding_get_progress as get_progress
from waymark.api.learning import learning_onboarding_list_facts as list_facts
from waymark.api.learning import learning_onboarding_record_event as record_event
from waymark.models import LearningOnboardingRecordEventInput as Input

url, key = sys.argv[1:]
client = AuthenticatedClient(base_url=url, token=key)
pipeline = {"learnerId": "ada", "eventName": "pipeline.created", "eventPayload": {"pipelineId": "p", "name": "New"}}

def send(**more):
    return record_event.sync_detailed(client=client, body=Input.from_dict({**pipeline, **more}))

recorded = send()
progress = get_progress.sync(client=client, learner_id="ada")
declared = send(trackId="frist-week")
wrong = send(learnerId="")
refused = get_progress.sync_detailed(client=Client(base_url=url), learner_id="ada")

listed, cursor = [], None
while True:
    page = list_facts.sync(client=client, learner_id="ada", limit=1, **({} if cursor is None else {"cursor": cursor}))
    listed += [fact.fact_id for fact in page.items]
    cursor = page.next_cursor
    if cursor is None:
        break

print(json.dumps({
    "recorded": [recorded.status_code, type(recorded.parsed).__name__, recorded.parsed.duplicate],
    "tracks": [f"{track.track_id} {track.status}" for track in progress.tracks],
    "declared": [declared.status_code, declared.parsed.code, declared.parsed.to_dict()["data"]["trackId"]],
    "wrong": [wrong.status_code, wrong.parsed.code, [issue.pointer for issue in wrong.parsed.errors]],
    "refused": [refused.status_code, refused.parsed.code],
    "listed": listed,
}))
`

describe.skipIf(!existsSync(join(BIN, 'openapi-python-client')))(
  'a client made by openapi-python-client (it comes with scripts/install-components.sh)',
  () => {
    let folder: string
    let server: ServerProcess
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'waymark-python-'))
      server = await ServerProcess.start()
    })
    afterAll(async () => {
      await server?.remove()
      await rm(folder, { recursive: true, force: true })
    })

    it('has every operation and every answer, and calls', async () => {
      const document = await (await fetch(`${server.url}/openapi.json`)).text()
      await writeFile(join(folder, 'openapi.json'), document)
      // Its last steps look after the layout of what it wrote.
      await writeFile(join(folder, 'config.json'), '{ "post_hooks": [] }')
      const options = ['--path', 'openapi.json', '--config', 'config.json', '--meta', 'none', '--output-path', 'waymark']
      const made = await run(join(BIN, 'openapi-python-client'), ['generate', ...options, '--fail-on-warning'], { cwd: folder })
      expect(`${made.stdout}${made.stderr}`).not.toContain('WARNING')

      await writeFile(join(folder, 'program.py'), PROGRAM)
      const { stdout } = await run(join(BIN, 'python'), ['program.py', server.url, server.key], { cwd: folder })
      const answers = JSON.parse(stdout)
      expect(answers).toMatchObject({
        recorded: [200, 'LearningOnboardingRecordEventOutput', false],
        tracks: ['first-win active'],
        declared: [404, 'TRACK_NOT_FOUND', 'frist-week'],
        wrong: [422, 'VALIDATION_FAILED', ['/learnerId']],
        refused: [401, 'UNAUTHENTICATED'],
      })
      expect(answers.listed.length).toBeGreaterThan(1)
      expect(new Set(answers.listed).size).toBe(answers.listed.length)
    })
  },
)
