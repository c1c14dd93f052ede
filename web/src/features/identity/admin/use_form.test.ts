import { expect, it } from 'vitest'
import { setLocale } from '@/shared/i18n'
import { ApiProblem, Offline } from '@/shared/net/problems'
import { useForm } from './use_form'

const refusal = (fields: { path: string; problem: string }[]) =>
  new ApiProblem({ type: '', title: '', status: 422, code: 'invalid_input', detail: '输入不正确', errcode: null, fields, trace: null })
const failing = (error: unknown) => () => Promise.reject(error as Error)

it('puts what is wrong at its field and only points there from the top', async () => {
  await setLocale('zh-CN', { remember: false })
  const form = useForm()
  expect(form.errorOf('greeting')).toBeUndefined()
  expect(await form.submit(failing(refusal([{ path: 'greeting[1].title', problem: '太长' }])))).toBe(false)
  expect([form.errorOf('greeting'), form.problem.value, form.busy.value]).toEqual(['太长', '有内容需要修改，已在下面标出。', false])
})

it('says what belongs to no field of the form, and that nobody answered', async () => {
  const form = useForm()
  form.errorOf('name')
  await form.submit(failing(refusal([{ path: 'phone', problem: '已被使用' }])))
  expect(form.problem.value).toBe('输入不正确')
  await form.submit(failing(new Offline('no connection')))
  expect(form.problem.value).toContain('连不上服务器')
})

it('is clean once it goes through, and does not swallow a mistake of ours', async () => {
  const form = useForm()
  await form.submit(failing(new Offline('x')))
  expect(await form.submit(() => Promise.resolve())).toBe(true)
  expect(form.problem.value).toBe('')
  await expect(form.submit(failing(new TypeError('bug')))).rejects.toThrow('bug')
  expect(form.busy.value).toBe(false)
})
