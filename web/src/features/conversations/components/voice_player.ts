/** One voice message plays at a time, wherever it stands. */
import { computed, ref } from 'vue'
import type { ComputedRef, Ref } from 'vue'

const playing = ref<string | null>(null)
const share = ref(0)
const failed = ref<string | null>(null)
let audio: HTMLAudioElement | null = null

export interface VoicePlayer {
  readonly isPlaying: ComputedRef<boolean>
  /** Between 0 and 1. */
  readonly share: ComputedRef<number>
  readonly failed: ComputedRef<boolean>
  toggle(): void
}

/** `durationMs` is the server's: what a recorder wrote into the file's head is often nothing. */
export function useVoicePlayer(key: string, source: () => string | null, durationMs: () => number): VoicePlayer {
  return {
    isPlaying: computed(() => playing.value === key),
    share: computed(() => (playing.value === key ? share.value : 0)),
    failed: computed(() => failed.value === key),
    toggle() {
      if (playing.value === key) return stop()
      const url = source()
      if (url === null) return
      stop()
      failed.value = null
      playing.value = key
      play(url, key, durationMs, share)
    },
  }
}

function play(url: string, key: string, durationMs: () => number, progress: Ref<number>): void {
  const started = new Audio(url)
  audio = started
  const isCurrent = () => audio === started
  started.ontimeupdate = () => {
    if (isCurrent()) progress.value = Math.min(1, (started.currentTime * 1000) / Math.max(1, durationMs()))
  }
  started.onended = () => isCurrent() && stop()
  const fail = () => {
    if (!isCurrent()) return
    stop()
    failed.value = key
  }
  started.onerror = fail
  started.play().catch(fail)
}

export function stopVoice(): void {
  stop()
}

function stop(): void {
  audio?.pause()
  audio = null
  playing.value = null
  share.value = 0
}
