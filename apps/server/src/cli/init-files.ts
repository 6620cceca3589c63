/** `waymark/events.ts` of `waymark init`. */
export const FIRST_EVENTS = `// The events of your product. Waymark checks every event it receives against these contracts.
import { defineEvent, defineModule } from '@waymark/contract'
import { z } from 'zod'

export const ProjectCreated = defineEvent({
  meta: {
    key: 'project.created', // the name that your backend or event SDK sends
    version: '1.0.0',
    stability: 'experimental',
    owners: ['product'],
    tags: ['projects'],
    description: 'Somebody created a project.',
  },
  payload: z.object({ projectId: z.string(), template: z.string().optional() }),
})

export const MemberInvited = defineEvent({
  meta: {
    key: 'member.invited',
    version: '1.0.0',
    stability: 'experimental',
    owners: ['product'],
    tags: ['members'],
    description: 'Somebody invited a colleague.',
  },
  payload: z.object({ memberId: z.string(), role: z.enum(['editor', 'viewer']) }),
})

export default defineModule({ key: 'product', contracts: [ProjectCreated, MemberInvited] })
`

/** `waymark/first-track.yaml` of `waymark init`. */
export const FIRST_TRACK = `# A track: the steps of an onboarding, and the events that complete them. Check it with: npx waymark tracks lint
format: waymark.track/1
key: first-steps
# A published version never changes its content: give every change a new version.
version: 1.0.0
title: { en: First steps }
steps:
  - key: create-project
    title: { en: Create a project }
    complete: { event: project.created }
    reward: { xp: 20 }

  - key: invite-team
    title: { en: Invite two editors }
    # Opens when these steps are done; what happened before still counts.
    after: { all: [create-project] }
    complete:
      event: member.invited
      where: { /role: editor } # JSON Pointers into the payload
      atLeast: 2
      distinctBy: /memberId # the same person counts once
    reward: { xp: 30 }

completion: { xp: 50, badge: first-steps }
`
