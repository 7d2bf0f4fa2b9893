// Codes that prove who owns a chat account: sent to the account, typed by the person. 8 digits are
// few, so a code lives for 10 minutes, 5 tries and one use, and is stored as a slow hash; whoever
// asks for many gets none.
import { randomBytes, randomInt, scrypt, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import type { Database, Row } from '../storage/database.ts'
import type { Steps } from '../storage/migrations.ts'
import type { Account } from './chat.ts'

const LIVES_MS = 10 * 60_000
const TRIES = 5
const HOUR_MS = 60 * 60_000
/** Codes that one person may ask for in an hour, for all accounts together. */
export const CODES_AN_HOUR = 3
/** Codes sent to one account in an hour, whoever asks: others cannot fill anybody's chat. */
const SENT_AN_HOUR = 5

const derive = promisify<string, Buffer, number, Buffer>(scrypt)

export interface Proof {
  service: string
  account: Account
}

export class LinkCodes {
  static readonly tables: Steps = {
    // A row is a wish; it has an account once one was found.
    1: `
      CREATE TABLE IF NOT EXISTS link_code (
        id INTEGER PRIMARY KEY, person TEXT NOT NULL, service TEXT NOT NULL, at INTEGER NOT NULL,
        account TEXT, label TEXT, salt BLOB, hash BLOB, tries INTEGER NOT NULL DEFAULT 0
      ) STRICT;
      CREATE INDEX IF NOT EXISTS link_code_person ON link_code (person, service);
    `,
  }

  readonly #db: Database
  readonly #now: () => number

  constructor(db: Database, now: () => number) {
    this.#db = db
    this.#now = now
  }

  /**
   * Counts a request for a code, whether or not the account exists. Ends the code that the person
   * has for this service.
   *
   * @returns The request's number, or the seconds to wait before the next one.
   */
  async ask(person: string, service: string): Promise<{ id: number } | { wait: number }> {
    const now = this.#now()
    return this.#db.write(() => {
      this.#mendTimes()
      this.#db.run('DELETE FROM link_code WHERE at <= $old', { $old: now - HOUR_MS })
      const asked = this.#db.all('SELECT at FROM link_code WHERE person = $person ORDER BY at', {
        $person: person,
      })
      const first = asked.at(-CODES_AN_HOUR)
      if (first) return { wait: Math.ceil((Number(first.at) + HOUR_MS - now) / 1000) }
      this.#db.run(
        'UPDATE link_code SET hash = NULL WHERE person = $person AND service = $service',
        { $person: person, $service: service },
      )
      this.#db.run('INSERT INTO link_code (person, service, at) VALUES ($person, $service, $at)', {
        $person: person,
        $service: service,
        $at: now,
      })
      return { id: Number(this.#db.get('SELECT last_insert_rowid() AS id')?.id) }
    })
  }

  /** The code to send: `1234-5678`. Undefined if the account was sent too many. */
  async make(id: number, account: Account): Promise<string | undefined> {
    const digits = String(randomInt(10 ** 8)).padStart(8, '0')
    const code = `${digits.slice(0, 4)}-${digits.slice(4)}`
    const salt = randomBytes(16)
    const hash = await derive(code, salt, 32)
    const isMade = await this.#db.write(() => {
      const sent = this.#db.get(
        `SELECT count(*) AS n FROM link_code WHERE account = $account AND service =
          (SELECT service FROM link_code WHERE id = $id)`,
        { $account: account.id, $id: id },
      )
      if (Number(sent?.n) >= SENT_AN_HOUR) return false
      this.#db.run(
        'UPDATE link_code SET account = $account, label = $label, salt = $salt, hash = $hash WHERE id = $id',
        { $account: account.id, $label: account.label, $salt: salt, $hash: hash, $id: id },
      )
      return true
    })
    return isMade ? code : undefined
  }

  /** What a code proves; undefined if this person has no such code. A right code is used up. */
  async use(person: string, code: string): Promise<Proof | undefined> {
    // Count the try before checking it, so that guesses made at the same time count too.
    const rows = await this.#db.write(() => this.#tried(person))
    // As slow when the person has no code: the time must not tell.
    if (rows.length === 0) await derive(code, Buffer.alloc(16), 32)
    for (const { id, service, account, label, salt, hash } of rows) {
      if (!(salt instanceof Uint8Array && hash instanceof Uint8Array)) continue
      const typed = await derive(code, Buffer.from(salt), 32)
      if (!timingSafeEqual(typed, hash)) continue
      const isFirst = await this.#db.write(() =>
        this.#db.run('UPDATE link_code SET hash = NULL WHERE id = $id AND hash IS NOT NULL', {
          $id: Number(id),
        }),
      )
      if (isFirst > 0)
        return { service: String(service), account: { id: String(account), label: String(label) } }
    }
    return undefined
  }

  /** A clock since set back leaves times in the future. Take them for now: no code lives longer. */
  #mendTimes(): void {
    this.#db.run('UPDATE link_code SET at = $now WHERE at > $now', { $now: this.#now() })
  }

  #tried(person: string): Row[] {
    this.#mendTimes()
    const live = 'person = $person AND hash IS NOT NULL AND at > $old AND tries < $most'
    const values = { $person: person, $old: this.#now() - LIVES_MS, $most: TRIES }
    const rows = this.#db.all(`SELECT * FROM link_code WHERE ${live}`, values)
    this.#db.run(`UPDATE link_code SET tries = tries + 1 WHERE ${live}`, values)
    return rows
  }
}
