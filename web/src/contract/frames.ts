// Generated from the server's types. One JSON object per text frame of /realtime/staff and /realtime/consumer.
import type { Body, Conversation, Entry, Micros, PersonId, Problem } from './types'

export interface HelloFrame {
  type: 'hello'
  cursor: string | null
}
export interface SendFrame {
  type: 'send'
  ref: string
  conversation_id: string
  client_id: string
  body: Body
}
export interface RecallFrame {
  type: 'recall'
  ref: string
  conversation_id: string
  client_id: string
  target_seq: number
}
export interface ReadFrame {
  type: 'read'
  ref: string
  conversation_id: string
  seq: number
}
export interface TypingFrame {
  type: 'typing'
  conversation_id: string
}
export interface WatchFrame {
  type: 'watch'
  conversation_ids: string[]
}
export interface PingFrame {
  type: 'ping'
  seqs: Record<string, number>
}
export type ClientFrame = HelloFrame | SendFrame | RecallFrame | ReadFrame | TypingFrame | WatchFrame | PingFrame

export interface WelcomeFrame {
  type: 'welcome'
  epoch: string
  cursor: string
  session_id: string
  heartbeat_s: number
  server_time: Micros
  resync: boolean
}
export interface AckFrame {
  type: 'ack'
  ref: string
  conversation_id: string
  seq: number
  count: number
  id: string
  sent_at: Micros
  duplicate: boolean
}
export interface DoneFrame {
  type: 'done'
  ref: string
  read_seq: number
  read_count: number
}
export interface RefusedFrame {
  type: 'refused'
  ref: string | null
  problem: Problem
}
export interface EntryFrame {
  type: 'entry'
  corp_id: string
  conversation_id: string
  entry: Entry
  cursor: string
}
export interface ReadMovedFrame {
  type: 'read'
  corp_id: string
  conversation_id: string
  person: PersonId
  read_seq: number
  read_count: number
}
export interface ConversationFrame {
  type: 'conversation'
  conversation: Conversation
}
export interface PersonTypingFrame {
  type: 'typing'
  corp_id: string
  conversation_id: string
  person: PersonId
}
export interface PongFrame {
  type: 'pong'
  stale: Record<string, number>
  server_time: Micros
}
export interface ResyncFrame {
  type: 'resync'
}
export type ByeReason = 'revoked' | 'restart' | 'replaced' | 'slow'
export interface ByeFrame {
  type: 'bye'
  reason: ByeReason
  retry_after_ms: number
}
export type ServerFrame =
  | WelcomeFrame
  | AckFrame
  | DoneFrame
  | RefusedFrame
  | EntryFrame
  | ReadMovedFrame
  | ConversationFrame
  | PersonTypingFrame
  | PongFrame
  | ResyncFrame
  | ByeFrame
