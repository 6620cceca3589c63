import { createRequire } from 'node:module'
import { CloudEvent } from 'cloudevents'

interface Payload {
  readonly action?: string
  readonly repository: { readonly html_url: string }
}

interface Group {
  readonly name: string
  readonly examples: readonly Payload[]
}

const groups = createRequire(import.meta.url)('@octokit/webhooks-examples') as readonly Group[]

/** Five webhooks of one contributor, from an issue to the end of a pull request, as CloudEvents. */
export function contribution(start: number): CloudEvent<Payload>[] {
  const webhooks: readonly (readonly [name: string, action?: string])[] = [
    ['issues', 'opened'],
    ['push'],
    ['pull_request', 'opened'],
    ['pull_request_review', 'submitted'],
    ['pull_request', 'closed'],
  ]
  return webhooks.map(([name, action], index) => {
    const payload = exampleOf(name, action)
    return new CloudEvent<Payload>({
      id: `delivery-${index + 1}`,
      source: payload.repository.html_url,
      type: ['com.github', name, ...(action === undefined ? [] : [action])].join('.'),
      time: new Date(start + index * 3_600_000).toISOString(),
      datacontenttype: 'application/json',
      data: payload,
    })
  })
}

function exampleOf(name: string, action: string | undefined): Payload {
  const found = groups.find((group) => group.name === name)?.examples.find((example) => example.action === action)
  if (found === undefined) throw new Error(`@octokit/webhooks-examples has no example of ${name} ${action ?? ''}.`)
  return found
}
