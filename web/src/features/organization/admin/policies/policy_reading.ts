/** How a limit reads: its value with a unit, the value of the preset, and in which group it stands. */
import type { PolicyItem } from '@/contract/generated'
import { formatBytes, formatNumber } from '@/shared/format'
import { t, zh } from './messages'

type Value = PolicyItem['value']

export const PRESET = 'platform.preset'
export const PRESETS = ['wecom-3.0', 'wecom-today'] as const
const GROUPS = ['platform', 'organization', 'identity', 'customers', 'conversations', 'files', 'realtime'] as const
export type Group = (typeof GROUPS)[number] | 'other'

export function groupOf(policy: PolicyItem): Group {
  return GROUPS.find((one) => policy.name.startsWith(`${one}.`)) ?? 'other'
}

export function grouped(policies: readonly PolicyItem[]): { group: Group; policies: PolicyItem[] }[] {
  return [...GROUPS, 'other' as const]
    .map((group) => ({ group, policies: policies.filter((one) => groupOf(one) === group) }))
    .filter((one) => one.policies.length > 0)
}

function unitOf(unit: string, count: number): string {
  const key = `unit.${unit}`
  return key in zh ? t(key as keyof typeof zh & string, { count }) : unit
}

/** 10 MB (10,485,760 字节) · 2 分钟 · 开 · 2015 年（wecom-3.0） */
export function readValue(policy: Pick<PolicyItem, 'unit'>, value: Value): string {
  if (typeof value === 'boolean') return value ? t('value.on') : t('value.off')
  if (typeof value === 'string') return PRESETS.some((one) => one === value) ? t(`preset.${value as (typeof PRESETS)[number]}`) : value
  if (policy.unit === 'bytes' && value >= 100_000) return formatBytes(value)
  if (policy.unit === 's' && value >= 3600 && value % 3600 === 0) return `${formatNumber(value / 3600)} ${unitOf('hours', value / 3600)}`
  if (policy.unit === 's' && value >= 120 && value % 60 === 0) return `${formatNumber(value / 60)} ${unitOf('minutes', value / 60)}`
  return `${formatNumber(value)} ${unitOf(policy.unit, value)}`
}

/** The unit in which a value is typed. */
export const typedUnit = (policy: PolicyItem) => unitOf(policy.unit, 2)

/** What holds when the corp sets nothing itself. */
export function presetValue(policy: PolicyItem, all: readonly PolicyItem[]): Value {
  const preset = all.find((one) => one.name === PRESET)?.value
  return typeof preset === 'string' && preset in policy.presets ? policy.presets[preset]! : policy.default
}

export const isChanged = (policy: PolicyItem) => policy.changed_by !== null

/** The text of a number field as the value to set; null when it is none. */
export function parseNumber(text: string): number | null {
  const digits = text.replace(/[\s,，]/g, '')
  return /^\d{1,15}$/.test(digits) ? Number(digits) : null
}

/** Above it the server refuses: the narrower of the rule's bound and the platform's ceiling. */
export function most(policy: PolicyItem): number | null {
  const bounds = [policy.maximum, policy.ceiling].filter((one): one is number => typeof one === 'number')
  return bounds.length > 0 ? Math.min(...bounds) : null
}

export function matches(policy: PolicyItem, search: string): boolean {
  const wanted = search.trim().toLocaleLowerCase()
  return wanted === '' || [policy.name, policy.description, policy.source].some((text) => text.toLocaleLowerCase().includes(wanted))
}
