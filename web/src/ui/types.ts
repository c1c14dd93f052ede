/** Shapes that several parts of the kit share. */
import type { Component } from 'vue'
import type { RouteLocationRaw } from 'vue-router'

export type Icon = Component
export type Tone = 'neutral' | 'primary' | 'ok' | 'info' | 'wait' | 'danger' | 'badge'
export type Size = 'sm' | 'md' | 'lg' | 'xl'

export interface Option<Value extends string = string> {
  value: Value
  label: string
  hint?: string
  icon?: Icon
  disabled?: boolean
  /** Shown behind the label: how many are in there. */
  count?: number
}

export interface MenuItem {
  label: string
  icon?: Icon
  danger?: boolean
  disabled?: boolean
  /** `mod+k`: shown, not bound. */
  shortcut?: string
  /** A line above this item. */
  separated?: boolean
  run: () => void
}

export interface NavSection {
  key: string
  label: string
  icon: Icon
  to: RouteLocationRaw
  count?: number
  /** At the foot of the rail (settings). */
  end?: boolean
}

export interface Fact {
  key: string
  label: string
  value: string | number | null
  /** tel:, mailto:, https: */
  href?: string
}

export interface Column<Row> {
  key: string
  label: string
  /** The cell's text where no slot `cell-<key>` draws it. */
  value?: (row: Row) => string | number | null
  sortable?: boolean
  align?: 'start' | 'end'
  width?: string
  /** Left out on narrower screens. */
  from?: 'list' | 'wide'
}

export interface Sort {
  key: string
  descending: boolean
}

export interface ViewerImage {
  src: string
  alt: string
  download?: string
}
