// The name and type of a file, from its bytes: what the sender says about them is not trusted.
import { fileTypeFromBuffer } from 'file-type'

import type { PostFile, UntypedFile } from '../../post/contract/schema.ts'
import { isSvg } from './sniff.ts'

/** Gives the file a name of safe characters with the extension of its real type, and that type. */
export async function namedFile({ name: original, bytes }: UntypedFile): Promise<PostFile> {
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
    mimetype: sniffed?.mime ?? (isText(bytes) ? 'text/plain' : 'application/octet-stream'),
    bytes,
  }
}

/** To the library, an SVG looks like any XML or text. */
async function typeOf(bytes: Uint8Array): Promise<{ mime: string; ext: string } | undefined> {
  const sniffed = await fileTypeFromBuffer(bytes)
  const mayBeSvg = sniffed === undefined || sniffed.mime === 'application/xml'
  return mayBeSvg && isSvg({ bytes, mimetype: '' })
    ? { mime: 'image/svg+xml', ext: 'svg' }
    : sniffed
}

function isText(bytes: Uint8Array): boolean {
  try {
    return !new TextDecoder('utf-8', { fatal: true }).decode(bytes).includes('\0')
  } catch {
    return false // TypeError: not UTF-8
  }
}
