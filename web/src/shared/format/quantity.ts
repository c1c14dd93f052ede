import { currentLocale } from '../i18n'

export function formatNumber(value: number): string {
  return new Intl.NumberFormat(currentLocale()).format(value)
}

/** 99+ above 99: a badge has room for no more. */
export function formatBadge(count: number, most = 99): string {
  return count > most ? `${most}+` : String(count)
}

const UNITS = ['B', 'KB', 'MB', 'GB', 'TB'] as const

/** 1.4 MB */
export function formatBytes(size: number): string {
  const step = size < 1 ? 0 : Math.min(Math.floor(Math.log(size) / Math.log(1024)), UNITS.length - 1)
  const value = size / 1024 ** step
  const digits = step === 0 || value >= 10 ? 0 : 1
  return `${new Intl.NumberFormat(currentLocale(), { maximumFractionDigits: digits }).format(value)} ${UNITS[step]}`
}
