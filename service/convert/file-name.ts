// The name and type of a file, from its bytes: what the sender says about them is not trusted.
import { fileTypeFromBuffer, fileTypeFromFile } from 'file-type'

import type { PostFile, UntypedFile } from '../../post/contract/schema.ts'
import { headOf, isOnDisk, piecesOf } from '../storage/bytes.ts'
import type { Bytes, RelayFile } from '../storage/bytes.ts'
import { isSvg, MOST_PROLOG_BYTES } from './sniff.ts'

/** Gives the file a name of safe characters with the extension of its real type, and that type. */
export async function namedFile(file: UntypedFile): Promise<PostFile>
export async function namedFile(file: Omit<RelayFile, 'mimetype'>): Promise<RelayFile>
export async function namedFile({
  name: original,
  bytes,
}: Omit<RelayFile, 'mimetype'>): Promise<RelayFile> {
  const sniffed = await typeOf(bytes)
  const clean = original
    .normalize('NFC')
    .replace(/^.*[/\\]/s, '')
    .replace(/[^\p{L}\p{N}._-]+/gu, '_')
    .replace(/^[._]+/, '')
  const stem = (clean.replace(/\.[^.]*$/, '') || 'file').slice(0, 80)
  const typed = /\.([A-Za-z0-9]{1,16})$/.exec(clean)?.[1]
  const extension = sniffed?.ext ?? typed
  return {
    name: extension ? `${stem}.${extension}` : stem,
    mimetype: sniffed?.mime ?? ((await isText(bytes)) ? 'text/plain' : 'application/octet-stream'),
    bytes,
  }
}

/** To the library, an SVG looks like any XML or text. */
async function typeOf(bytes: Bytes): Promise<{ mime: string; ext: string } | undefined> {
  const sniffed = isOnDisk(bytes)
    ? await fileTypeFromFile(bytes.path)
    : await fileTypeFromBuffer(bytes)
  const mayBeSvg = sniffed === undefined || sniffed.mime === 'application/xml'
  if (!mayBeSvg) return sniffed
  const head = isOnDisk(bytes) ? await headOf(bytes, MOST_PROLOG_BYTES + 1) : bytes
  return isSvg({ bytes: head, mimetype: '' }) ? { mime: 'image/svg+xml', ext: 'svg' } : sniffed
}

async function isText(bytes: Bytes): Promise<boolean> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  for await (const piece of piecesOf(bytes)) {
    try {
      if (decoder.decode(piece, { stream: true }).includes('\0')) return false
    } catch {
      return false // TypeError: not UTF-8
    }
  }
  try {
    decoder.decode()
    return true
  } catch {
    return false // TypeError: it ends within a character
  }
}
