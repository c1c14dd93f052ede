import { mount } from '@vue/test-utils'
import { expect, it } from 'vitest'
import TextArea from './TextArea.vue'

function composer(sendOn: 'enter' | 'mod+enter' | 'off' = 'enter') {
  const wrapper = mount(TextArea, { props: { modelValue: '你好', label: '消息', sendOn }, attachTo: document.body })
  const field = wrapper.get('textarea')
  const press = (init: KeyboardEventInit & { keyCode?: number } = {}) => {
    const event = new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true, ...init })
    if (init.keyCode !== undefined) Object.defineProperty(event, 'keyCode', { value: init.keyCode })
    field.element.dispatchEvent(event)
    return event.defaultPrevented
  }
  return { field, press, sent: () => wrapper.emitted('send')?.length ?? 0 }
}

it('sends on Enter and starts a new line on Shift Enter', () => {
  const { press, sent } = composer()
  expect(press()).toBe(true)
  expect(press({ shiftKey: true })).toBe(false)
  expect(sent()).toBe(1)
})

it('never sends while an input method composes', async () => {
  const { field, press, sent } = composer()
  await field.trigger('compositionstart')
  press()
  press({ keyCode: 229 })
  expect(sent()).toBe(0)
  await field.trigger('compositionend')
  await new Promise((resolve) => setTimeout(resolve, 5))
  press()
  expect(sent()).toBe(1)
})

it('ignores the Enter that Safari delivers right after the end of a composition', async () => {
  const { field, press, sent } = composer()
  field.element.dispatchEvent(new CompositionEvent('compositionstart'))
  field.element.dispatchEvent(new CompositionEvent('compositionend'))
  press({ keyCode: 229 })
  expect(sent()).toBe(0)
})

it('takes key code 229 for a plain Enter when nothing composes', () => {
  const { press, sent } = composer()
  press({ keyCode: 229 })
  expect(sent()).toBe(1)
})

it('can ask for Ctrl Enter, or not send at all', () => {
  const withMod = composer('mod+enter')
  withMod.press()
  expect(withMod.sent()).toBe(0)
  withMod.press({ ctrlKey: true })
  expect(withMod.sent()).toBe(1)
  const off = composer('off')
  expect(off.press({ ctrlKey: true })).toBe(false)
  expect(off.sent()).toBe(0)
})
