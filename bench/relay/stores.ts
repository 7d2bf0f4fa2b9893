// The relay's stores in this process, to make posts that wait and to time single operations.
import { InboxStore } from '../../service/chat/inbox-store.ts'
import { InboxTargets } from '../../service/chat/inbox-targets.ts'
import type { Submission } from '../../service/outbox/outbox.ts'
import { SqliteOutbox } from '../../service/outbox/store.ts'
import { SCHEMA } from '../../service/schema.ts'
import { Blobs } from '../../service/storage/blobs.ts'
import { Database } from '../../service/storage/database.ts'
import { ROOMS, personOf } from './programs.ts'
import { manifest } from './requests.ts'

export interface OpenStores extends Disposable {
  db: Database
  outbox: SqliteOutbox
  inbox: InboxStore
  /** A post of this person to their own inbox. */
  submission: (client: number) => Submission
}

export function openStoresIn(path: string, now: () => number = Date.now): OpenStores {
  const db = new Database(path, SCHEMA)
  const blobs = new Blobs(db)
  const inbox = new InboxStore(db, blobs)
  const targets = new InboxTargets({ store: inbox, mode: 'hub' })
  let keys = 0
  const submission = (client: number): Submission => {
    const person = { name: personOf(client), groups: ['lab'] }
    const { blocks, source } = manifest(client, 'inbox')
    const destination = targets.resolve({ kind: 'me' }, person)
    const goal = { typed: '@me', service: 'inbox', target: { kind: 'me' as const }, destination }
    return {
      person,
      idempotency: { key: `key-${(keys += 1)}-${Math.random()}`, hash: 'a'.repeat(64) },
      blocks,
      files: [],
      source: source ?? {},
      thread: undefined,
      goals: [{ ...goal, addressOf: () => undefined, label: destination.label }],
    }
  }
  const outbox = new SqliteOutbox(db, blobs, now)
  return { db, outbox, inbox, submission, [Symbol.dispose]: () => db.close() }
}

/** One post that waits for each person's inbox. No relay may have the file open. */
export async function seedInbox(path: string): Promise<void> {
  using stores = openStoresIn(path)
  const people = Array.from({ length: ROOMS }, (_, client) => client)
  await Promise.all(people.map((client) => stores.outbox.accept(stores.submission(client))))
}
