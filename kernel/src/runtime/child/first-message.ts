// The first message of the kernel process, read in place: the control worker, which reads all others, takes longer to start than the
// rest of the runtime, and there is nothing else to do before it.
import { Buffer } from 'node:buffer'
import { readSync } from 'node:fs'
import { deserialize } from 'node:v8'
import type { ToChild } from '../link.ts'
import { JSON } from '../../api/primordials.ts'

const LINK_FD = 3
/** Bytes before and behind the body: see `link.ts`. */
const LENGTH = 4
const END = 4

/** Waits for it. Undefined if the kernel process is gone. */
export function readFirstMessage(): ToChild | undefined {
  const head = read(LENGTH)
  const body = head && read(head.readUInt32LE(0))
  if (!body || !read(END)) return undefined
  const message: ToChild = deserialize(body)
  // Comms carry bytes; all else is text, made anew of the kernel's own built-ins.
  return message.type === 'comm' ? message : (JSON.parse(JSON.stringify(message)) as ToChild)
}

function read(length: number): Buffer | undefined {
  const bytes = Buffer.alloc(length)
  for (let at = 0; at < length;) {
    const count = readSync(LINK_FD, bytes, at, length - at, null)
    if (count === 0) return undefined
    at += count
  }
  return bytes
}
