// The first message of the kernel process is read in place: the control worker, which reads all
// others, takes longer to start than the rest of the runtime, which has nothing else to do.
import { Buffer } from 'node:buffer'
import { read, readSync } from 'node:fs'
import { deserialize } from 'node:v8'
import type { ToChild } from '../link.ts'
import { JSON, Promise, uncurry } from '../../api/primordials.ts'

const LINK_FD = 3
/** Bytes before and after the body: see `link.ts`. */
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
  // Comms carry bytes; all others are text, rebuilt from the kernel's own built-ins.
  return message.type === 'comm' ? message : parse(JSON, JSON.stringify(message))
}

/**
 * Read on one of Node's threads: then it arrives at the same point of the event loop as all other
 * messages, and a timer of the cell fires after the cell's end.
 */
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
