import { mount } from '@vue/test-utils'
import { expect, it } from 'vitest'
import { h } from 'vue'
import Button from './Button.vue'
import Field from './Field.vue'
import OneTimeCodeInput from './OneTimeCodeInput.vue'
import PhoneInput from './PhoneInput.vue'
import TextInput from './TextInput.vue'

it('ties a control to its label, its hint and what is wrong', () => {
  const field = mount(() => h(Field, { label: '企业简称', hint: '两到六个字', error: '太长', required: true }, () => h(TextInput, { modelValue: '' })), { attachTo: document.body })
  const input = field.get('input')
  expect(field.get('label').attributes('for')).toBe(input.attributes('id'))
  expect(input.attributes('aria-invalid')).toBe('true')
  expect(input.attributes('aria-required')).toBe('true')
  const described = (input.attributes('aria-describedby') ?? '').split(' ').map((id) => document.getElementById(id)?.textContent?.trim())
  expect(described).toEqual(['太长', '两到六个字'])
})

it('takes a pasted code with everything around it', async () => {
  const code = mount(OneTimeCodeInput, { props: { modelValue: '' } })
  const input = code.get('input')
  input.element.value = '验证码：４０92 17。'
  await input.trigger('input')
  expect(code.emitted('update:modelValue')?.at(-1)).toEqual(['409217'])
  expect(code.emitted('complete')).toEqual([['409217']])
  expect(input.attributes()).toMatchObject({ autocomplete: 'one-time-code', inputmode: 'numeric' })
})

it('says nothing is complete before it is', async () => {
  const code = mount(OneTimeCodeInput, { props: { modelValue: '' } })
  code.get('input').element.value = '4092'
  await code.get('input').trigger('input')
  expect(code.emitted('complete')).toBeUndefined()
})

it('gives an international number for a local one and shows it in groups', async () => {
  const phone = mount(PhoneInput, { props: { modelValue: '', label: '手机号', 'onUpdate:modelValue': (modelValue: string) => phone.setProps({ modelValue }) } })
  await phone.get('input').setValue('13800138000')
  expect(phone.emitted('update:modelValue')?.at(-1)).toEqual(['+8613800138000'])
  await phone.get('input').trigger('blur')
  expect(phone.get('input').element.value).toBe('138 0013 8000')
})

it('swallows taps while busy and stays focusable', async () => {
  let taps = 0
  const button = mount(Button, { props: { busy: true, onClick: () => (taps += 1) }, slots: { default: '保存' } })
  await button.trigger('click')
  expect(taps).toBe(0)
  expect(button.attributes('disabled')).toBeUndefined()
  await button.setProps({ busy: false })
  await button.trigger('click')
  expect(taps).toBe(1)
})
