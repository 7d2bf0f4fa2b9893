// Mimebundles and JSON from user code -> a form that can be sent.
import { Buffer } from 'node:buffer'
import { types } from 'node:util'
import type { MimeBundle } from '../../protocol/mimebundle.ts'
import { JSON, Object, String } from '../../api/primordials.ts'

/** Bytes as base64, JSON types as JSON, text as text; keys that are no mime types are left out. */
export function normalizeBundle(bundle: object): MimeBundle {
  const entries = Object.entries(bundle).filter(
    ([mime, value]) => mime.includes('/') && value !== undefined,
  )
  return Object.fromEntries(
    entries.map(([mime, value]: [string, unknown]) => {
      if (types.isUint8Array(value)) {
        const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength)
        return [
          mime,
          /^text\/|\+xml$/.test(mime) ? bytes.toString('utf8') : bytes.toString('base64'),
        ]
      }
      return [mime, typeof value === 'string' ? value : jsonOf(value)]
    }),
  )
}

/** As JSON, BigInts as text. @throws whatever a `toJSON` throws, or a TypeError for a cycle. */
export function jsonOf(value: unknown): unknown {
  const text = JSON.stringify(value, (_key, item: unknown) =>
    typeof item === 'bigint' ? String(item) : item,
  )
  return text === undefined ? null : (JSON.parse(text) as unknown)
}
