import { effectScope } from 'vue'
import { expect, it, vi } from 'vitest'
import { useShortcut } from '.'

const press = (init: KeyboardEventInit) => dispatchEvent(new KeyboardEvent('keydown', { cancelable: true, ...init }))

it('runs while its screen is there, the latest first', () => {
  const scope = effectScope()
  const [first, second] = [vi.fn(), vi.fn()]
  const inner = effectScope()
  scope.run(() => useShortcut({ keys: 'mod+k', run: first }))
  inner.run(() => useShortcut({ keys: 'mod+k', run: second }))
  press({ key: 'k', ctrlKey: true })
  inner.stop()
  press({ key: 'k', ctrlKey: true })
  scope.stop()
  press({ key: 'k', ctrlKey: true })
  expect([first.mock.calls.length, second.mock.calls.length]).toEqual([1, 1])
})

it('refuses single letters, and keeps still during a composition', () => {
  const scope = effectScope()
  expect(() => scope.run(() => useShortcut({ keys: 'k', run: vi.fn() }))).toThrow('Ctrl')
  const run = vi.fn()
  scope.run(() => useShortcut({ keys: 'escape', run }))
  press({ key: 'Escape', isComposing: true })
  expect(run).not.toHaveBeenCalled()
  press({ key: 'Escape' })
  expect(run).toHaveBeenCalledOnce()
  scope.stop()
})
