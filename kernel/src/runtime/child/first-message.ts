// The first message of the kernel process, read in place: the control worker, which reads all others, takes longer to start than the
// rest of the runtime, and there is nothing else to do before it.
import { Buffer } from 'node:buffer'
import { read, readSync } from 'node:fs'
import { deserialize } from 'node:v8'
import type { ToChild } from '../link.ts'
import { JSON, Promise, uncurry } from '../../api/primordials.ts'

const LINK_FD = 3
/** Bytes before and behind the body: see `link.ts`. */
const LENGTH = 4
const END = 4

const messageOf: (bytes: Buffer) => ToChild = deserialize
const parse: (json: JSON, text: string) => ToChild = uncurry(JSON, 'parse')

/** Undefined if the kernel process is gone. */
export async function readFirstMessage(): Promise<ToChild | undefined> {
  const head = await readLength()
  const body = head && readWhole(head.readUInt32LE(0))
  if (!body || !readWhole(END)) return undefined
  const message = messageOf(body)
  // Comms carry bytes; all else is text, made anew of the kernel's own built-ins.
  return message.type === 'comm' ? message : parse(JSON, JSON.stringify(message))
}

/** By a thread of Node's: it is told of at the same place of the event loop as all other messages, so a timer of the cell comes after its end. */
function readLength(): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    const bytes = Buffer.alloc(LENGTH)
    read(LINK_FD, bytes, 0, LENGTH, null, (error, count) =>
      resolve(error || count === 0 ? undefined : readWhole(LENGTH, bytes, count)),
    )
  })
}

function readWhole(length: number, bytes = Buffer.alloc(length), from = 0): Buffer | undefined {
  for (let at = from; at < length;) {
    const count = readSync(LINK_FD, bytes, at, length - at, null)
    if (count === 0) return undefined
    at += count
  }
  return bytes
}
