/**
 * One holder at a time, in the order of asking. States: free, held (others wait), closed (waiting and later ones are refused; the
 * holder may still end its turn).
 */
export interface Turns {
  /** Waits for a turn; the function ends it and may be called again without effect. Rejects once closed. */
  take(): Promise<() => void>
  close(reason: Error): void
}

interface Waiting {
  readonly start: () => void
  readonly refuse: (reason: Error) => void
}

export function createTurns(): Turns {
  const queue: Waiting[] = []
  let isHeld = false
  let closed: Error | undefined

  function hold(): () => void {
    isHeld = true
    let isOver = false
    return () => {
      if (isOver) return
      isOver = true
      isHeld = false
      queue.shift()?.start()
    }
  }

  return {
    async take() {
      if (closed !== undefined) throw closed
      if (!isHeld) return hold()
      return new Promise((resolve, refuse) => queue.push({ start: () => resolve(hold()), refuse }))
    },
    close(reason) {
      closed ??= reason
      for (const { refuse } of queue.splice(0)) refuse(closed)
    },
  }
}
