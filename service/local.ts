// For relays on a person's own machine only: such a relay announces itself in relay.json, and ends
// when nobody needs it.
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'

import { RelayFile, thisMachine } from '../post/relay/relay-file.ts'
import type { LocalGate } from './hub/local-gate.ts'

/**
 * Writes relay.json, readable by its owner only, in one step: a reader sees the whole file or none.
 * @returns The function that removes it, unless another relay has written its own meanwhile.
 */
export function announce(
  path: string,
  gate: LocalGate,
  address: { port: number; url: string },
): () => void {
  const file: RelayFile = {
    ...thisMachine(),
    pid: process.pid,
    ...address,
    instance: gate.instance,
    token: gate.token,
  }
  const draft = `${path}.${process.pid}`
  rmSync(draft, { force: true })
  writeFileSync(draft, `${JSON.stringify(file, null, 2)}\n`, { mode: 0o600, flag: 'wx' })
  renameSync(draft, path)
  return () => {
    if (readInstance(path) === gate.instance) rmSync(path, { force: true })
  }
}

function readInstance(path: string): string | undefined {
  try {
    return RelayFile.parse(JSON.parse(readFileSync(path, 'utf8'))).instance
  } catch {
    return undefined // the file is gone or is none of ours, so it is not removed
  }
}

/** Calls `end` once, after `idleMs` without a request and without `busy`. */
export class IdleEnd {
  readonly #idleMs: number
  readonly #busy: () => boolean
  readonly #timer: NodeJS.Timeout
  readonly #now: () => number
  #since: number

  constructor(idleMs: number, busy: () => boolean, end: () => void, now: () => number) {
    this.#idleMs = idleMs
    this.#busy = busy
    this.#now = now
    this.#since = now()
    this.#timer = setInterval(
      () => {
        if (this.#isOver()) {
          this.stop()
          end()
        }
      },
      Math.max(50, Math.min(idleMs / 10, 60_000)),
    )
    this.#timer.unref()
  }

  active(): void {
    this.#since = this.#now()
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  #isOver(): boolean {
    if (this.#busy()) this.active()
    return this.#now() - this.#since >= this.#idleMs
  }
}
