// What this browser keeps about the relay, in IndexedDB, which is separate for each port: its own
// key, whose private half no script can read, and the relay's public key. When another tab is let
// in, it tells this one.
import { PAGE_KEY } from '../../../post/contract/page-access.ts'
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

/** Throws in a browser that keeps nothing, as some do in private windows. */
async function inStore(
  mode: IDBTransactionMode,
  use: (store: IDBObjectStore) => IDBRequest,
): Promise<unknown> {
  const database = (await openStore()) ?? (await openAnew())
  try {
    const request = use(database.transaction(STORE, mode).objectStore(STORE))
    await ended(request)
    return request.result
  } finally {
    database.close()
  }
}

/** Undefined if another program, at this address for a while, left a database with this name. */
async function openStore(): Promise<IDBDatabase | undefined> {
  const opening = indexedDB.open(NAME)
  opening.addEventListener('upgradeneeded', () => opening.result.createObjectStore(STORE))
  await ended(opening)
  const database = opening.result
  if (database.objectStoreNames.contains(STORE)) return database
  database.close()
  return undefined
}

async function openAnew(): Promise<IDBDatabase> {
  await ended(indexedDB.deleteDatabase(NAME))
  const database = await openStore()
  if (!database) throw new Error('IndexedDB made another database than was asked for')
  return database
}

function ended(request: IDBRequest | IDBOpenDBRequest): Promise<void> {
  return new Promise((resolve, reject) => {
    request.addEventListener('success', () => resolve())
    request.addEventListener('error', () => reject(request.error ?? new Error('IndexedDB failed')))
    request.addEventListener('blocked', () =>
      reject(new DOMException('Another tab uses its database')),
    )
  })
}

/** Whether this is what we stored: two working keys. */
function isKept(value: unknown): value is Kept {
  if (!isRecord(value) || !isRecord(value.pair) || !isPublicKey(value.relay)) return false
  const { privateKey, publicKey } = value.pair
  return isOurs(privateKey, 'sign') && isOurs(publicKey, 'verify') && publicKey.extractable
}

function isOurs(key: unknown, usage: KeyUsage): key is CryptoKey {
  if (!(key instanceof CryptoKey) || !key.usages.includes(usage)) return false
  const { algorithm } = key
  return (
    algorithm.name === PAGE_KEY.name &&
    'namedCurve' in algorithm &&
    algorithm.namedCurve === PAGE_KEY.namedCurve
  )
}

export function isPublicKey(value: unknown): value is PublicKey {
  return isRecord(value) && typeof value.x === 'string' && typeof value.y === 'string'
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

/** Only tells other tabs that something changed. */
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
