import './app.css'
import { startApp } from '@/apps/parts/start'
import { t } from '@/apps/parts/messages'
import App from './App.vue'
import { router } from './router'

void startApp({ root: App, router, name: () => t('app.admin') })
