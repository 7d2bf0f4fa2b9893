// Deliveries and checkpoints for tests of chat adapters, without an outbox.
import { z } from 'zod'
import type { Checkpoint, Delivered, Delivery, Destination, Edit, Person } from '../../chat/chat.ts'
import type { Links } from '../../chat/links.ts'
import { digestOf } from '../../storage/digest.ts'

export const ALICE: Person = { name: 'alice', groups: [] }

let count = 0

export function deliveryTo(destination: Destination, change: Partial<Delivery> = {}): Delivery {
  return {
    id: `delivery-${++count}`,
    person: { ...ALICE, groups: ['lab'] },
    destination,
    blocks: [{ type: 'message', text: 'hello' }],
    files: [],
    source: {},
    acceptedAt: new Date(0).toISOString(),
    attempt: 1,
    thread: undefined,
    ...change,
  }
}

/** The first change of a delivered post, unless `change` says otherwise. */
export function editOf(delivery: Delivery, delivered: Delivered, change: Partial<Edit> = {}): Edit {
  const { attempt: _, ...post } = delivery
  const deliveredFiles = delivery.files.map(({ bytes }) => digestOf(bytes))
  return { ...post, version: 1, delivered, deliveredFiles, ...change }
}

/** A checkpoint in memory; `steps` are its commits, kept as JSON like in the outbox. */
export class MemoryCheckpoint implements Checkpoint {
  /** Thrown by the write that never reached the disk. */
  static readonly KILLED = new Error('killed')
  readonly steps: string[]
  readonly #most: number

  /**
   * @param most - Writes before the process dies: the next one is not committed.
   * @param steps - What was committed before.
   */
  constructor(most = Infinity, steps: readonly string[] = []) {
    this.#most = most
    this.steps = [...steps]
  }

  read(): Record<string, unknown> | undefined {
    const last = this.steps.at(-1)
    if (last === undefined) return undefined
    return z.record(z.string(), z.unknown()).parse(JSON.parse(last))
  }

  async write(step: Record<string, unknown>): Promise<void> {
    if (this.steps.length >= this.#most) throw MemoryCheckpoint.KILLED
    this.steps.push(JSON.stringify(step))
  }
}

/** Links that last as long as the test. */
export class MemoryLinks implements Links {
  readonly #ids = new Map<string, string>()

  async find(service: string, person: string): Promise<string | undefined> {
    return this.#ids.get(`${service}/${person}`)
  }

  async pin(service: string, person: string, userId: string): Promise<void> {
    const key = `${service}/${person}`
    if (!this.#ids.has(key)) this.#ids.set(key, userId)
  }

  async link(service: string, person: string, userId: string): Promise<void> {
    this.#ids.set(`${service}/${person}`, userId)
  }
}
