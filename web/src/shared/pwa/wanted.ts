/** Whether somebody asked on this device to be woken; kept apart, so that starting costs nothing where nobody did. */
const key = (surface: string) => `rapport.push.${surface}`

export const isPushWanted = (surface: string) => localStorage.getItem(key(surface)) === '1'

export function setPushWanted(surface: string, wanted: boolean): void {
  if (wanted) localStorage.setItem(key(surface), '1')
  else localStorage.removeItem(key(surface))
}
