/** Files that were picked, pasted or dropped and wait in the composer for Send. */
import { onScopeDispose, shallowRef } from 'vue'
import type { ShallowRef } from 'vue'

export interface PickedFile {
  readonly key: number
  readonly file: File
  /** Of a picture, to look at before it goes out. */
  readonly preview: string | null
}

export interface PickedFiles {
  readonly files: Readonly<ShallowRef<readonly PickedFile[]>>
  add(files: Iterable<File>): void
  remove(key: number): void
  /** Hands them over; the tray is empty afterwards. */
  take(): File[]
}

let lastKey = 0

export function usePickedFiles(): PickedFiles {
  const files = shallowRef<readonly PickedFile[]>([])
  const forget = (gone: readonly PickedFile[]) => {
    for (const { preview } of gone) if (preview !== null) URL.revokeObjectURL(preview)
  }
  onScopeDispose(() => forget(files.value))

  return {
    files,
    add(added) {
      const picked = [...added].map((file) => ({
        key: (lastKey += 1),
        file,
        preview: file.type.startsWith('image/') ? URL.createObjectURL(file) : null,
      }))
      files.value = [...files.value, ...picked]
    },
    remove(key) {
      forget(files.value.filter((each) => each.key === key))
      files.value = files.value.filter((each) => each.key !== key)
    },
    take() {
      const taken = files.value
      files.value = []
      forget(taken)
      return taken.map((each) => each.file)
    },
  }
}
