// The wire's frames under the names that the data layer uses; the shapes themselves are generated.
export type {
  Ack as AckFrame,
  Bye as ByeFrame,
  ClientFrame,
  ConversationFrame,
  Done as DoneFrame,
  EntryFrame,
  ReadMovedFrame,
  Refused as RefusedFrame,
  ServerFrame,
} from './generated'
