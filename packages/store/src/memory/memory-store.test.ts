import { storeConformance } from '../conformance/store-conformance.ts'
import { createMemoryStore } from './memory-store.ts'

storeConformance({ name: 'The memory store', open: async () => createMemoryStore() })
