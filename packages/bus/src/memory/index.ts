/** The bus within a process. */
export { createMemoryBus, type MemoryBusOptions } from './memory-bus.ts'
