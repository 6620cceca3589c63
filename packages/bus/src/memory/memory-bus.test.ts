import { busConformance } from '../conformance/bus-conformance.ts'
import { createMemoryBus } from './memory-bus.ts'

busConformance({
  name: 'memory',
  open: async () =>
    createMemoryBus({
      after(milliseconds, call) {
        const timer = setTimeout(call, milliseconds)
        return () => clearTimeout(timer)
      },
    }),
})
