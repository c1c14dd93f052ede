/** Files on their way into a message: what they are here, and the body they become when stored. */
import type { Body, File } from '../../../contract/types'
import type { Attachment } from './model'

/** What the server takes as a picture; anything else is sent as a file. */
const PICTURES: ReadonlySet<string> = new Set(['image/jpeg', 'image/png', 'image/gif', 'image/webp'])
const UNKNOWN_TYPE = 'application/octet-stream'

export function attachmentOf(file: Blob & { readonly name?: string }): Attachment {
  const mime = file.type === '' ? UNKNOWN_TYPE : file.type
  const kind = PICTURES.has(mime) ? 'image' : 'file'
  const name = file.name === undefined || file.name === '' ? `${kind}.${extensionOf(mime)}` : file.name
  return { kind, name, mime, size: file.size, duration_ms: null, blob: file }
}

export function attachmentOfVoice(recording: Blob, durationMs: number): Attachment {
  const mime = recording.type === '' ? UNKNOWN_TYPE : recording.type
  return {
    kind: 'voice',
    name: `voice.${extensionOf(mime)}`,
    mime,
    size: recording.size,
    duration_ms: Math.round(durationMs),
    blob: recording,
  }
}

export function bodyOfFile(file: File): Body {
  const { file_id, name, mime, size } = file
  switch (file.kind) {
    case 'image':
      return { kind: 'image', file_id, width: file.width ?? 0, height: file.height ?? 0, size }
    case 'voice':
      return { kind: 'voice', file_id, duration_ms: file.duration_ms ?? 0, mime, size }
    case 'file':
      return { kind: 'file', file_id, name, mime, size }
  }
}

/** `audio/webm;codecs=opus` → `webm`. */
function extensionOf(mime: string): string {
  const subtype = mime.split(';')[0]?.split('/')[1] ?? ''
  return /^[a-z0-9]+$/.test(subtype) ? subtype.replace('jpeg', 'jpg') : 'bin'
}
