/** Events on a bus: CloudEvents out and in, and the AsyncAPI document of them. */
export type { AsyncApiDocument } from './async-api-document.ts'
export {
  type DecodedMessage,
  decodeMessage,
  encodeBatch,
  encodeBinary,
  encodeStructured,
  type OutgoingCloudEvent,
  type WireMessage,
} from './cloud-event-codec.ts'
export { type BusConsumer, type BusConsumerOptions, type Consumed, createBusConsumer } from './create-bus-consumer.ts'
export { toEventType } from './event-type.ts'
export { type OutgoingEvent, type OutgoingMessage, toMessage } from './outgoing-message.ts'
export { type AsyncApiOptions, toAsyncApi } from './to-async-api.ts'
