// Which chat account belongs to which person. The account's id is pinned at first use: an account
// that is renamed stays the person's, and one that later takes over the old name gets nothing. Only
// a proof replaces the id.
import type { Database } from '../storage/database.ts'
import type { Steps } from '../storage/migrations.ts'

export interface Links {
  /** Id of the person's account at a chat service. */
  find(service: string, person: string): Promise<string | undefined>
  /** Resolves after the commit; an existing link is kept. */
  pin(service: string, person: string, userId: string): Promise<void>
  /** Like `pin`, for an account that the person has proved to own: replaces an earlier link. */
  link(service: string, person: string, userId: string): Promise<void>
}

/** Links in the relay's database. */
export class StoredLinks implements Links {
  static readonly tables: Steps = {
    1: `
      CREATE TABLE IF NOT EXISTS chat_link (
        service TEXT NOT NULL, person TEXT NOT NULL, user_id TEXT NOT NULL, PRIMARY KEY (service, person)
      ) STRICT
    `,
  }

  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  async find(service: string, person: string): Promise<string | undefined> {
    const row = this.#db.get(
      'SELECT user_id FROM chat_link WHERE service = $service AND person = $person',
      { $service: service, $person: person },
    )
    return row && String(row.user_id)
  }

  async pin(service: string, person: string, userId: string): Promise<void> {
    await this.#insert('IGNORE', service, person, userId)
  }

  async link(service: string, person: string, userId: string): Promise<void> {
    await this.#insert('REPLACE', service, person, userId)
  }

  async #insert(known: 'IGNORE' | 'REPLACE', service: string, person: string, userId: string) {
    await this.#db.write(() =>
      this.#db.run(`INSERT OR ${known} INTO chat_link VALUES ($service, $person, $user)`, {
        $service: service,
        $person: person,
        $user: userId,
      }),
    )
  }
}
