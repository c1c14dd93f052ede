"""What a browser keeps of conversations, opened with the browser's own key: a sealed copy is a copy, too."""

from playwright.sync_api import Page

_READ = """
async (name) => {
  const promised = (request) => new Promise((done, fail) => {
    request.onsuccess = () => done(request.result)
    request.onerror = () => fail(request.error)
  })
  const database = await promised(indexedDB.open(name))
  const all = async (store) => {
    const tx = database.transaction(store)
    const [keys, values] = [promised(tx.objectStore(store).getAllKeys()), promised(tx.objectStore(store).getAll())]
    return (await keys).map((key, index) => [key, values.then((found) => found[index])])
  }
  const key = await promised(database.transaction('meta').objectStore('meta').get('key'))
  const places = {
    entries: (each) => `entry ${each.conversation_id} ${each.seq}`,
    rows: (each) => `row ${each.conversation_id}`,
    outbox: (each) => `outgoing ${each.client_id}`,
    drafts: (each) => `draft ${each.conversation_id}`,
  }
  const open = async (sealed, place) => {
    const additionalData = new TextEncoder().encode(place)
    const parameters = { name: 'AES-GCM', iv: sealed.iv, additionalData }
    return new TextDecoder().decode(await crypto.subtle.decrypt(parameters, key, sealed.data))
  }
  const found = []
  for (const store of database.objectStoreNames) {
    for (const [id, value] of await all(store)) {
      const record = await value
      found.push(`${store} ${JSON.stringify(id)} ${JSON.stringify(record)}`)
      for (const part of record === null || typeof record !== 'object' ? [] : Object.values(record)) {
        const sealed = part?.sealed ?? (part?.iv ? part : null)
        if (sealed !== null && places[store] !== undefined) found.push(await open(sealed, places[store](record)))
      }
    }
  }
  database.close()
  for (const cache of await caches.keys()) {
    for (const request of await (await caches.open(cache)).keys()) {
      const answer = await (await caches.open(cache)).match(request)
      found.push(`${request.url} ${await answer.text()}`)
    }
  }
  found.push(JSON.stringify({ ...localStorage }), JSON.stringify({ ...sessionStorage }))
  return found
}
"""


def kept_records(page: Page, surface: str) -> list[str]:
    """Return everything in IndexedDB, Cache storage and Web storage, with what is sealed opened."""
    records: list[str] = page.evaluate(_READ, f"rapport-{surface}")
    return records


def keeps(page: Page, surface: str, text: str) -> bool:
    """Return whether the text lies anywhere in this browser."""
    return any(text in record for record in kept_records(page, surface))


def wait_until_kept(page: Page, surface: str, text: str) -> None:
    """Wait until the browser has its copy, which it makes at leisure."""
    for _ in range(100):
        if keeps(page, surface, text):
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"{surface} keeps no copy of {text!r}")
