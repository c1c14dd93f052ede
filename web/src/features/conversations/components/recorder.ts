/** Records the microphone: a level while it runs, a limit, and a format that the other side can play. */
import { computed, onScopeDispose, ref } from 'vue'
import type { Ref } from 'vue'

export type RecorderState = 'idle' | 'starting' | 'recording'
export type RecorderTrouble = 'denied' | 'failed' | 'short'

export interface Recording {
  readonly blob: Blob
  readonly durationMs: number
}

export interface Recorder {
  /** Over plain HTTP a browser has no microphone. */
  readonly isPossible: boolean
  readonly state: Readonly<Ref<RecorderState>>
  readonly elapsedMs: Readonly<Ref<number>>
  /** Between 0 and 1. */
  readonly level: Readonly<Ref<number>>
  start(): Promise<void>
  /** Ends and hands over what was recorded. */
  finish(): void
  cancel(): void
}

export interface RecorderOptions {
  onDone: (recording: Recording) => void
  onTrouble: (trouble: RecorderTrouble) => void
}

export const LONGEST_MS = 60_000
const SHORTEST_MS = 700
/** Safari plays MP4 only, and every browser of today plays MP4; WebM where a browser cannot write that. */
const FORMATS = ['audio/mp4;codecs=opus', 'audio/mp4', 'audio/webm;codecs=opus', 'audio/ogg;codecs=opus'] as const

export function useRecorder(options: RecorderOptions): Recorder {
  const state = ref<RecorderState>('idle')
  const elapsedMs = ref(0)
  const level = ref(0)
  let media: MediaRecorder | null = null
  let stream: MediaStream | null = null
  let context: AudioContext | null = null
  let frame = 0
  let wanted: 'keep' | 'drop' = 'drop'

  const release = () => {
    cancelAnimationFrame(frame)
    for (const track of stream?.getTracks() ?? []) track.stop()
    void context?.close()
    media = stream = context = null
    state.value = 'idle'
    level.value = 0
  }

  const stop = (outcome: 'keep' | 'drop') => {
    wanted = outcome
    if (media?.state === 'recording') media.stop()
    else release()
  }

  const meter = (source: MediaStream, since: number) => {
    context = new AudioContext()
    const analyser = context.createAnalyser()
    analyser.fftSize = 512
    context.createMediaStreamSource(source).connect(analyser)
    const samples = new Float32Array(analyser.fftSize)
    const tick = () => {
      elapsedMs.value = performance.now() - since
      analyser.getFloatTimeDomainData(samples)
      const power = Math.sqrt(samples.reduce((sum, each) => sum + each * each, 0) / samples.length)
      level.value = Math.min(1, power * 5)
      if (elapsedMs.value >= LONGEST_MS) return stop('keep')
      frame = requestAnimationFrame(tick)
    }
    tick()
  }

  const begin = (source: MediaStream) => {
    const mimeType = FORMATS.find((each) => MediaRecorder.isTypeSupported(each))
    const recorder = new MediaRecorder(source, { ...(mimeType && { mimeType }), audioBitsPerSecond: 32_000 })
    const parts: Blob[] = []
    const since = performance.now()
    recorder.ondataavailable = (event) => parts.push(event.data)
    recorder.onerror = () => stop('drop')
    recorder.onstop = () => {
      const durationMs = performance.now() - since
      const { mimeType: written } = recorder
      release()
      if (wanted === 'drop') return
      if (durationMs < SHORTEST_MS) options.onTrouble('short')
      else options.onDone({ blob: new Blob(parts, { type: written }), durationMs: Math.min(durationMs, LONGEST_MS) })
    }
    media = recorder
    recorder.start()
    state.value = 'recording'
    meter(source, since)
  }

  onScopeDispose(() => stop('drop'))

  return {
    isPossible: typeof MediaRecorder !== 'undefined' && navigator.mediaDevices !== undefined,
    state,
    elapsedMs: computed(() => elapsedMs.value),
    level,
    async start() {
      if (state.value !== 'idle') return
      state.value = 'starting'
      wanted = 'keep'
      elapsedMs.value = 0
      try {
        stream = await navigator.mediaDevices.getUserMedia({ audio: { echoCancellation: true, noiseSuppression: true } })
        // Let go before the microphone was there.
        if (wanted === 'keep' && state.value === 'starting') begin(stream)
        else release()
      } catch (error) {
        release()
        options.onTrouble(error instanceof DOMException && error.name === 'NotAllowedError' ? 'denied' : 'failed')
      }
    },
    finish: () => stop('keep'),
    cancel: () => stop('drop'),
  }
}
