/**
 * Encryption of what lies in the browser's database: AES-GCM under a key that no script can read out.
 * Over plain HTTP a browser has no `crypto.subtle`: then copies of conversations are not kept at all,
 * and what waits to be sent is kept readable, because losing it would be worse.
 */
import type { Database } from './database'

export interface Sealed {
  readonly iv: Uint8Array<ArrayBuffer>
  readonly data: ArrayBuffer
}

/** Sealed where the browser can, plain JSON where it cannot. */
export type Kept = { readonly sealed: Sealed } | { readonly plain: string }

export interface Vault {
  /** False over plain HTTP: no copies of conversations are kept. */
  readonly canSeal: boolean
  /** `place` is where the record lies; moved elsewhere it cannot be opened. */
  seal(place: string, value: unknown): Promise<Sealed>
  /** null when it was sealed under another key or for another place. */
  unseal(place: string, sealed: Sealed): Promise<unknown>
  keep(place: string, value: unknown): Promise<Kept>
  read(place: string, kept: Kept): Promise<unknown>
}

export async function openVault(database: Database | null): Promise<Vault> {
  const key = database === null || !hasSubtle() ? null : await findKey(database)
  const need = (): CryptoKey => {
    if (key === null) throw new Error('This browser cannot seal anything here.')
    return key
  }

  const vault: Vault = {
    canSeal: key !== null,
    async seal(place, value) {
      const iv = crypto.getRandomValues(new Uint8Array(12))
      const data = await crypto.subtle.encrypt(parameters(iv, place), need(), encode(JSON.stringify(value)))
      return { iv, data }
    },
    async unseal(place, sealed) {
      try {
        const data = await crypto.subtle.decrypt(parameters(sealed.iv, place), need(), sealed.data)
        return JSON.parse(new TextDecoder().decode(data)) as unknown
      } catch {
        return null
      }
    },
    async keep(place, value) {
      return key === null ? { plain: JSON.stringify(value) } : { sealed: await vault.seal(place, value) }
    },
    async read(place, kept) {
      if ('plain' in kept) return JSON.parse(kept.plain) as unknown
      return key === null ? null : vault.unseal(place, kept.sealed)
    },
  }
  return vault
}

function hasSubtle(): boolean {
  return typeof crypto === 'object' && typeof (crypto as Partial<Crypto>).subtle === 'object'
}

/** The first tab makes the key; the database decides which one if two tabs are first. */
async function findKey(database: Database): Promise<CryptoKey | null> {
  const known = await database.get('meta', 'key')
  if (known !== undefined && typeof known !== 'string') return known
  const made = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt'])
  const tx = database.transaction('meta', 'readwrite')
  const first = await tx.store.get('key')
  if (first === undefined) await tx.store.put(made, 'key')
  await tx.done
  return first !== undefined && typeof first !== 'string' ? first : made
}

function parameters(iv: Uint8Array<ArrayBuffer>, place: string): AesGcmParams {
  return { name: 'AES-GCM', iv, additionalData: encode(place) }
}

function encode(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text)
}
