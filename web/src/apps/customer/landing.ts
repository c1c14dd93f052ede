/**
 * The pages that people see before they have anything of Rapport: a scanned code, and the check of an employee.
 * They start without router, store and service worker; the app itself is fetched while somebody reads.
 */
import './app.css'
import { lookFirst } from '@/features/customers/consumer/first_look'

const [, kind, code = ''] = location.pathname.split('/')
if (kind === 'q') lookFirst(`/api/consumer/contact-ways/${encodeURIComponent(decodeURIComponent(code))}`)

void import('./landing_page').then(({ showLanding }) => showLanding())
