/** How events are carried: the one interface, whatever carries them. */
export type { Attempt, Bus, BusMessage, BusSubscription, Settlement, Subscription } from './bus.ts'
export { BUS_ERRORS, BusError, type BusErrorCode } from './errors.ts'
