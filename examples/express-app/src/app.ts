import { toExpress } from '@waymark/surface/mount'
import express, { type Express } from 'express'
import { createWaymark, type Waymark, type WaymarkOptions } from 'waymark'
import { crm, firstDeals } from './contracts.ts'
import { addDeal, listDeals } from './deals.ts'

/** The application as it was, with Waymark below `/waymark`. */
export async function createApp(options: WaymarkOptions = {}): Promise<{ readonly app: Express; readonly waymark: Waymark }> {
  const waymark = await createWaymark({ definitions: { implementations: [crm], tracks: [firstDeals] }, ...options })
  const app = express()
  // Before the body parsers: event SDKs send JSON under other names.
  app.use('/waymark', toExpress(waymark))
  app.use(express.json())

  app.get('/deals', (request, response) => {
    response.json(listDeals(String(request.query.owner)))
  })
  app.post('/deals', async (request, response) => {
    const deal = addDeal(request.body)
    await report(waymark, { learnerId: deal.owner, eventId: deal.id, eventPayload: { dealId: deal.id, amount: deal.amount } })
    response.status(201).json(deal)
  })
  return { app, waymark }
}

/** In the same process a call needs no network. */
async function report({ fetch, key }: Waymark, event: object): Promise<void> {
  const answer = await fetch(
    new Request('http://waymark/v1/learning/onboarding/recordEvent', {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ eventName: 'deal.created', ...event }),
    }),
  )
  if (!answer.ok) throw new Error(`Waymark answered ${answer.status}: ${await answer.text()}`)
}
