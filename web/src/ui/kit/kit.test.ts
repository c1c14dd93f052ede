import axe from 'axe-core'
import { mount } from '@vue/test-utils'
import { createMemoryHistory, createRouter } from 'vue-router'
import { beforeAll, expect, it } from 'vitest'
import { h } from 'vue'
import UiRoot from '../overlays/UiRoot.vue'
import KitGallery from './KitGallery.vue'

beforeAll(() => {
  document.documentElement.lang = 'zh-CN'
  document.title = 'Rapport'
})

async function gallery() {
  const router = createRouter({ history: createMemoryHistory(), routes: [{ path: '/:rest(.*)*', component: KitGallery }] })
  await router.push('/kit')
  return mount(() => h(UiRoot, () => h(KitGallery)), { global: { plugins: [router] }, attachTo: document.body })
}

it('has no part that axe objects to', async () => {
  const page = await gallery()
  const result = await axe.run(page.element.parentElement ?? document.body, {
    runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'],
    // Needs real layout; tokens.test.ts computes the contrast instead.
    rules: { 'color-contrast': { enabled: false }, 'target-size': { enabled: false } },
  })
  expect(result.violations.map((each) => `${each.id}: ${each.nodes[0]?.html}`)).toEqual([])
  expect(result.passes.length).toBeGreaterThan(15)
}, 30_000)

it('names every button and link, and none is out of reach', async () => {
  const page = await gallery()
  const controls = page.findAll('button, a[href], [role="button"]')
  expect(controls.length).toBeGreaterThan(40)
  for (const control of controls) {
    const name = control.attributes('aria-label') ?? control.attributes('aria-labelledby') ?? control.text()
    const labelled = control.attributes('id') ? page.find(`label[for="${control.attributes('id')}"]`).exists() : false
    expect(name || labelled, control.html()).toBeTruthy()
  }
})
