// What a local relay keeps about its page between runs, in its database: its port, its own key, by
// which pages recognise it, and the public keys of the browsers that were let in. Nothing here lets
// anybody into the page.
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { sign, verify } from 'node:crypto'

import { z } from 'zod'

import { PAGE_KEY, thumbprintText } from '../../post/contract/page-access.ts'
import type { PublicKey } from '../../post/contract/page-access.ts'
import type { Database } from '../storage/database.ts'
import type { Steps } from '../storage/migrations.ts'

/** Browsers and private windows of one person; those unused for longest go. */
const MOST_KEYS = 50

const Coordinate = z.string().regex(/^[A-Za-z0-9_-]{43}$/)
export const PagePublicKey = z.object({ x: Coordinate, y: Coordinate })
const OwnKey = PagePublicKey.extend({ d: Coordinate })

export class PageKeys {
  static readonly tables: Steps = {
    1: `
      CREATE TABLE IF NOT EXISTS local_relay (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
      CREATE TABLE IF NOT EXISTS page_key (
        id TEXT PRIMARY KEY, port INTEGER NOT NULL, x TEXT NOT NULL, y TEXT NOT NULL, used INTEGER NOT NULL
      ) STRICT
    `,
  }

  readonly #db: Database
  readonly #now: () => number
  #own: { key: KeyObject; public: PublicKey } | undefined

  constructor(db: Database, now: () => number) {
    this.#db = db
    this.#now = now
  }

  /** Where the relay listened last. */
  get port(): number | undefined {
    const port = Number(this.#setting('port') ?? NaN)
    return Number.isInteger(port) && port > 0 && port < 65_536 ? port : undefined
  }

  /**
   * Remembers the port. A port that another program took is no longer ours: that program's scripts
   * may have keys of pages there.
   *
   * @param lost - The port that was taken.
   */
  async keepPort(port: number, lost: number | undefined): Promise<void> {
    await this.#db.write(() => {
      this.#set('port', String(port))
      if (lost !== undefined)
        this.#db.run('DELETE FROM page_key WHERE port = $port', { $port: lost })
    })
  }

  /** At the first run, makes the relay's own key. */
  async ready(): Promise<void> {
    if (this.#setting('key') !== undefined) return
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: PAGE_KEY.namedCurve })
    const { x, y, d } = OwnKey.parse(privateKey.export({ format: 'jwk' }))
    await this.#db.write(() => this.#set('key', JSON.stringify({ x, y, d })))
  }

  get relayKey(): PublicKey {
    return this.#loaded().public
  }

  get relayId(): string {
    return idOf(this.relayKey)
  }

  /** Signs with the relay's own key. @returns base64url */
  sign(text: string): string {
    const { key } = this.#loaded()
    const options = { key, dsaEncoding: 'ieee-p1363' } as const
    return sign('sha256', Buffer.from(text), options).toString('base64url')
  }

  /** Lets a browser's key in, only for pages at this port. @returns Its id. */
  async add(key: PublicKey, port: number): Promise<string> {
    const id = idOf(key)
    await this.#db.write(() => {
      this.#db.run('INSERT OR REPLACE INTO page_key VALUES ($id, $port, $x, $y, $used)', {
        $id: id,
        $port: port,
        $x: key.x,
        $y: key.y,
        $used: this.#now(),
      })
      // Take a time in the future for now: a clock that was ahead must not keep out later keys.
      this.#db.run(
        `DELETE FROM page_key WHERE id NOT IN
          (SELECT id FROM page_key ORDER BY min(used, $now) DESC, rowid DESC LIMIT $most)`,
        { $now: this.#now(), $most: MOST_KEYS },
      )
    })
    return id
  }

  has(id: string, port: number): boolean {
    return this.#row(id, port) !== undefined
  }

  /** Whether the key with this id, let in at this port, signed the text. */
  async isSigned(id: string, port: number, text: string, signature: string): Promise<boolean> {
    const row = this.#row(id, port)
    if (!row) return false
    const { x, y } = PagePublicKey.parse(row)
    const jwk = { kty: 'EC', crv: PAGE_KEY.namedCurve, x, y }
    const key = createPublicKey({ key: jwk, format: 'jwk' })
    const given = Buffer.from(signature, 'base64url')
    const options = { key, dsaEncoding: 'ieee-p1363' } as const
    if (!verify('sha256', Buffer.from(text), options, given)) return false
    await this.#db.write(() =>
      this.#db.run('UPDATE page_key SET used = $used WHERE id = $id', {
        $used: this.#now(),
        $id: id,
      }),
    )
    return true
  }

  /**
   * For a database from a backup, which may have keys that were withdrawn since. Only inside a
   * transaction.
   */
  static forgetAll(db: Database): void {
    db.run('DELETE FROM page_key')
  }

  /** Withdraws all keys. @returns Their number. */
  async forget(): Promise<number> {
    return this.#db.write(() => this.#db.run('DELETE FROM page_key'))
  }

  #row(id: string, port: number) {
    return this.#db.get('SELECT x, y FROM page_key WHERE id = $id AND port = $port', {
      $id: id,
      $port: port,
    })
  }

  #loaded() {
    if (this.#own) return this.#own
    const { x, y, d } = OwnKey.parse(JSON.parse(this.#setting('key') ?? '{}'))
    const jwk = { kty: 'EC', crv: PAGE_KEY.namedCurve, x, y, d }
    this.#own = { key: createPrivateKey({ key: jwk, format: 'jwk' }), public: { x, y } }
    return this.#own
  }

  #setting(name: string): string | undefined {
    const row = this.#db.get('SELECT value FROM local_relay WHERE name = $name', { $name: name })
    return row && String(row.value)
  }

  #set(name: string, value: string): void {
    this.#db.run('INSERT OR REPLACE INTO local_relay VALUES ($name, $value)', {
      $name: name,
      $value: value,
    })
  }
}

/** A point that is not on the curve is not a key. */
export function isKey({ x, y }: PublicKey): boolean {
  try {
    createPublicKey({ key: { kty: 'EC', crv: PAGE_KEY.namedCurve, x, y }, format: 'jwk' })
    return true
  } catch {
    return false // ERR_CRYPTO_INVALID_JWK, or OpenSSL's own error
  }
}

function idOf(key: PublicKey): string {
  return createHash('sha256').update(thumbprintText(key)).digest('base64url')
}
