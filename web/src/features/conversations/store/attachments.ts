/** What a stored file becomes as the body of a message. */
import type { Body, File } from '../../../contract/types'

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
