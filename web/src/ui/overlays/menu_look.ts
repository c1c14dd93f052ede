/** One look for the dropdown and the context menu. */
export const MENU_PANEL = 'z-50 min-w-44 max-w-80 animate-appear rounded-control border border-line bg-surface p-1 shadow-lift outline-none'
export const MENU_ROW =
  'flex min-h-control-sm cursor-pointer select-none items-center gap-2.5 rounded-[7px] px-2.5 outline-none data-[highlighted]:bg-primary-soft data-[disabled]:opacity-50'
export const MENU_LINE = 'my-1 h-px bg-line'
