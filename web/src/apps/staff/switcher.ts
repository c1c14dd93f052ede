/** Whether the switcher is open; a button of the list opens it as Ctrl/⌘ K does. */
import { ref } from 'vue'

export const switcherOpen = ref(false)
