import { describe, expect, it } from 'vitest'
import { linkify, onlyLink } from './linkify'

const links = (text: string) => linkify(text).flatMap((piece) => (piece.href === null ? [] : [piece.text]))

describe('linkify', () => {
  it.each([
    ['看看 https://a.example.com/x，谢谢', ['https://a.example.com/x']],
    ['在https://a.example.com/路上', ['https://a.example.com/']],
    ['(see https://a.example.com/x).', ['https://a.example.com/x']],
    ['https://en.example.org/wiki/A_(b)', ['https://en.example.org/wiki/A_(b)']],
    ['www.example.com 和 http://localhost:8000/q/1', ['www.example.com', 'http://localhost:8000/q/1']],
    ['javascript:alert(1) 1.5 元 a@b.c', []],
    ['https://', []],
  ])('finds the addresses of %s', (text, expected) => {
    expect(links(text)).toEqual(expected)
  })

  it('loses and invents nothing', () => {
    const text = 'a https://a.example.com/?q=<b>&x="1" 。b\n<script>alert(1)</script> www.example.com.'
    expect(linkify(text).map((piece) => piece.text).join('')).toBe(text)
  })

  it('gives an address without a scheme a safe one', () => {
    expect(linkify('www.example.com')[0]?.href).toBe('https://www.example.com/')
  })

  it('knows a text that is nothing but an address', () => {
    expect(onlyLink(' https://a.example.com/x ')).toBe('https://a.example.com/x')
    expect(onlyLink('看 https://a.example.com/x')).toBeNull()
    expect(onlyLink('你好')).toBeNull()
  })
})
