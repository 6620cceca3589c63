import { toExpress } from '@waymark/surface/mount'
import express from 'express'
import { listen } from '../mount/hosts.ts'
import { restCaller } from './rest-caller.ts'
import type { SurfaceCaller } from './surface-call.ts'

/** REST below a path of an Express application that parses bodies itself, over a socket. */
export const mountCaller: SurfaceCaller = {
  name: 'REST mounted in Express',
  async call(fixture, call) {
    const app = express().use(express.json(), express.Router().use('/app', toExpress(fixture.rest)))
    const { url, close } = await listen(app)
    try {
      const rest = {
        ...fixture.rest,
        fetch: (request: Request) => fetch(new Request(request.url.replace('http://shop.test', `${url}/app`), request)),
      }
      return await restCaller.call({ ...fixture, rest }, call)
    } finally {
      await close()
    }
  },
}
