export { type BusConformanceOptions, busConformance } from './bus-conformance.ts'
