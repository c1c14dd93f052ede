import { expect, it } from 'vitest'
import { bytesOf, draftOf, filled, isLink, partsOf, type Part } from './greeting_draft'

const IMAGE: Part = { kind: 'image', file_id: 'f1', width: 1, height: 1, size: 1 }
const LINK: Part = { kind: 'link', url: 'https://a.example', title: '新品', description: '', image_file_id: null }

it('comes back as it was, the text first', () => {
  const parts: Part[] = [{ kind: 'text', text: '你好 {customer}' }, IMAGE, LINK]
  expect(partsOf(draftOf(parts))).toEqual(parts)
  expect(partsOf(draftOf([IMAGE, { kind: 'text', text: ' 你好 ' }]))).toEqual([{ kind: 'text', text: '你好' }, IMAGE])
})

it('is null when nothing is left of it', () => {
  expect(partsOf(draftOf(null))).toBeNull()
  expect(partsOf({ text: '  ', attachments: [] })).toBeNull()
})

it('counts what the server counts, and fills in what it fills in', () => {
  expect(bytesOf('你a😀')).toBe(8)
  expect(filled('{customer}，{member}在{corp}。{other}', { customer: '王女士', member: '小明', corp: '云杉' })).toBe('王女士，小明在云杉。{other}')
})

it('takes web addresses only', () => {
  expect(['https://a.example/x?y', 'http://a', 'ftp://a', 'javascript:alert(1)', 'https://a b'].map(isLink)).toEqual([true, true, false, false, false])
})
