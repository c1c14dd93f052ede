/** Reading the socket's text frames: what is not a frame of the contract is dropped, never trusted. */
import type { ServerFrame } from '../../contract/frames'
import { isRecord } from './problems'

const TYPES: ReadonlySet<string> = new Set<ServerFrame['type']>([
  'welcome',
  'ack',
  'done',
  'refused',
  'entry',
  'read',
  'conversation',
  'typing',
  'pong',
  'resync',
  'bye',
])

/** null for anything that is not a frame this client knows; a newer server may send such. */
export function parseFrame(data: unknown): ServerFrame | null {
  if (typeof data !== 'string') return null
  try {
    const value = JSON.parse(data) as unknown
    return isServerFrame(value) ? value : null
  } catch {
    return null
  }
}

/** The tag decides the type: the server is the only writer of this socket and its frames are tested against the contract. */
function isServerFrame(value: unknown): value is ServerFrame {
  return isRecord(value) && typeof value.type === 'string' && TYPES.has(value.type)
}
