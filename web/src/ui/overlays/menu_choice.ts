import type { MenuItem } from '../types'

/** What was chosen runs once the menu is gone and its button has the focus again: a dialog gives it back to where it found it. */
export function useChoice(): { choose: (item: MenuItem) => void; runChosen: () => void } {
  let chosen: MenuItem | null = null
  return {
    choose(item) {
      chosen = item
    },
    // The menu hands the focus back in a task of its own, which it asks for right after saying so.
    runChosen() {
      const item = chosen
      chosen = null
      if (item !== null) setTimeout(() => setTimeout(() => item.run()))
    },
  }
}
