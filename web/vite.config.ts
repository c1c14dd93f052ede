import { fileURLToPath } from 'node:url'
import tailwindcss from '@tailwindcss/vite'
import vue from '@vitejs/plugin-vue'
import { defineConfig, type ProxyOptions } from 'vite'
import { appNamed } from './build/apps.ts'
import { appShell } from './build/app_shell.ts'
import { pagePreloads } from './build/page_preloads.ts'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const SERVER = 'http://127.0.0.1:8000'

/** Pages of the app come from this dev server, everything else of these addresses from Rapport. */
function exceptPages(page: string): ProxyOptions {
  return {
    target: SERVER,
    bypass: (request) => (request.headers.accept?.includes('text/html') ? page : undefined),
  }
}

/** The mode names the app: `vite build --mode staff`. */
export default defineConfig(({ mode }) => {
  const app = appNamed(mode)
  return {
    root: here(`./src/apps/${app.folder}`),
    base: app.base,
    publicDir: here(`./src/apps/${app.folder}/public`),
    cacheDir: here(`./node_modules/.vite/${app.folder}`),
    resolve: { alias: { '@': here('./src') } },
    plugins: [vue(), tailwindcss(), pagePreloads(app), appShell(app)],
    build: {
      outDir: here(`../src/rapport/web_dist/${app.dist}`),
      emptyOutDir: true,
      target: ['chrome107', 'safari16', 'firefox115'],
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      manifest: true,
      rolldownOptions: { input: app.pages.map((page) => here(`./src/apps/${app.folder}/${page}`)) },
    },
    server: {
      port: app.port,
      strictPort: true,
      fs: { allow: [here('.')] },
      proxy: {
        '/api': SERVER,
        '/files': SERVER,
        '/realtime': { target: SERVER, ws: true },
        '/q': exceptPages('/c/landing.html'),
        '/w': exceptPages('/c/landing.html'),
      },
    },
  }
})
