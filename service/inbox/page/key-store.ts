// What this browser keeps of the relay, in IndexedDB, which each port has for itself: its own key, whose private half no script can read, and
// the relay's public one. Another tab that is let in tells this one.
import type { PublicKey } from '../../../post/contract/page-access.ts'

export interface Kept {
  pair: CryptoKeyPair
  relay: PublicKey
}

const NAME = 'jupyterpost'
const STORE = 'page'
const ROW = 'access'

export async function loadKept(): Promise<Kept | undefined> {
  const found: unknown = await inStore('readonly', (store) => store.get(ROW))
  return isKept(found) ? found : undefined
}

export async function keep(kept: Kept): Promise<void> {
  await inStore('readwrite', (store) => store.put(kept, ROW))
}

/** A browser that keeps nothing, as some do in private windows, says so here. */
async function inStore(
  mode: IDBTransactionMode,
  use: (store: IDBObjectStore) => IDBRequest,
): Promise<unknown> {
  const opening = indexedDB.open(NAME, 1)
  opening.addEventListener('upgradeneeded', () => opening.result.createObjectStore(STORE))
  await ended(opening)
  const database = opening.result
  try {
    const request = use(database.transaction(STORE, mode).objectStore(STORE))
    await ended(request)
    return request.result
  } finally {
    database.close()
  }
}

function ended(request: IDBRequest): Promise<void> {
  return new Promise((resolve, reject) => {
    request.addEventListener('success', () => resolve())
    request.addEventListener('error', () => reject(request.error ?? new Error('IndexedDB failed')))
  })
}

function isKept(value: unknown): value is Kept {
  if (typeof value !== 'object' || value === null) return false
  return 'pair' in value && 'relay' in value
}

/** Only what tells other tabs that something changed. */
const TOLD = 'jupyterpost let in'

/** Tells the other tabs of this address that the browser was let in. */
export function tellLetIn(): void {
  localStorage.setItem(TOLD, new Date().toISOString())
}

/** Calls back when another tab was let in. */
export function onLetIn(listener: () => void): void {
  addEventListener('storage', ({ key }) => {
    if (key === TOLD) listener()
  })
}
