import { createMemoryHistory, createRouter } from 'vue-router'
import { expect, it } from 'vitest'
import { destinationAfterSignIn, leaveForSignIn, redirectToSignIn } from '.'

const page = { template: '<p />' }

function app(signedIn: { value: boolean }) {
  const router = createRouter({
    history: createMemoryHistory(),
    routes: [{ path: '/sign-in', component: page, meta: { open: true } }, { path: '/:rest(.*)*', component: page }],
  })
  redirectToSignIn(router, { isSignedIn: () => signedIn.value, signIn: '/sign-in' })
  return router
}

it('sends strangers to the sign-in and knows where they wanted to go', async () => {
  const router = app({ value: false })
  await router.push('/chats/7?at=3')
  expect(router.currentRoute.value).toMatchObject({ path: '/sign-in', query: { next: '/chats/7?at=3' } })
})

it('brings back whose session ends', async () => {
  const signedIn = { value: true }
  const router = app(signedIn)
  await router.push('/chats/7')
  expect(router.currentRoute.value.path).toBe('/chats/7')
  await leaveForSignIn(router, '/sign-in')
  expect(router.currentRoute.value.query).toEqual({ next: '/chats/7' })
})

it.each(['https://elsewhere.example', '//elsewhere.example', '/\\elsewhere.example', 'javascript:alert(1)', undefined, ['/a']])(
  'goes home instead of to %s', (next) => {
    expect(destinationAfterSignIn(next, '/home')).toBe('/home')
  },
)

it('goes to a path of its own', () => {
  expect(destinationAfterSignIn('/chats/7?at=3')).toBe('/chats/7?at=3')
})
