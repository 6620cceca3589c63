/** A route that was there before. */
export function GET(): Response {
  return Response.json({ hello: 'world' })
}
