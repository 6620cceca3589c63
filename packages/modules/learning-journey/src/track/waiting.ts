/** What something waits for: all of some, and one of others where there are any. */
export interface Waiting {
  readonly all: readonly string[]
  readonly any: readonly string[]
}

/** What can be reached when everything that waits has what it waits for. Names that are unknown are taken to be there. */
export function reachable(waiting: ReadonlyMap<string, Waiting>, isClosed: (key: string) => boolean = () => false): Set<string> {
  const reached = new Set<string>()
  const isThere = (key: string) => !waiting.has(key) || reached.has(key)
  for (let grew = true; grew; ) {
    grew = false
    for (const [key, { all, any }] of waiting) {
      if (reached.has(key) || isClosed(key) || !all.every(isThere) || !(any.length === 0 || any.some(isThere))) continue
      reached.add(key)
      grew = true
    }
  }
  return reached
}

/** The circles of what waits for itself, each once: `['a', 'b', 'a']`. A circle that an `any` leads out of is none. */
export function circles(waiting: ReadonlyMap<string, Waiting>): string[][] {
  const reached = reachable(waiting)
  const blocks = (key: string) => {
    const { all = [], any = [] } = waiting.get(key) ?? {}
    return [...all, ...any].filter((first) => waiting.has(first) && !reached.has(first))
  }
  const found: string[][] = []
  const seen = new Set<string>()
  for (const key of waiting.keys()) {
    if (reached.has(key) || seen.has(key)) continue
    const path: string[] = []
    for (let at: string | undefined = key; at !== undefined && !path.includes(at); at = blocks(at)[0]) path.push(at)
    const back = blocks(path.at(-1) as string).find((first) => path.includes(first)) as string
    const circle = path.slice(path.indexOf(back))
    if (!circle.some((member) => seen.has(member))) found.push([...circle, back])
    for (const member of path) seen.add(member)
  }
  return found
}
