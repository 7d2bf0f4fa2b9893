// Masks the secrets of a file. Text on the disk is read in parts, each with what is around it, and
// written anew only if it has a secret: it is never in memory as a whole.
import { isMarkup, isMaskable } from '../../post/secrets/mask.ts'
import type { Masker } from '../../post/secrets/mask.ts'
import { isOnDisk, piecesOf } from '../storage/bytes.ts'
import type { DiskBytes, RelayFile } from '../storage/bytes.ts'
import { FileWriter, maskedPath } from '../storage/files.ts'

/** Characters masked at a time. */
const PART = 64 * 1024
/** Characters looked at before and behind a part: longer than any secret. */
const AROUND = 16 * 1024

export async function maskedFile(file: RelayFile, masker: Masker): Promise<RelayFile> {
  const { bytes } = file
  if (!isOnDisk(bytes)) return masker.file({ ...file, bytes })
  const named = { ...file, name: masker.text(file.name) }
  if (!isMaskable(file)) return named
  const isMarked = isMarkup(file.mimetype)
  try {
    for await (const part of partsOf(bytes, isMarked, masker))
      if (part.isChanged) return { ...named, bytes: await rewritten(bytes, isMarked, masker) }
  } catch (error) {
    if (!isNoText(error)) throw error
  }
  return named
}

/** It is not UTF-8. */
function isNoText(error: unknown): boolean {
  return (
    Error.isError(error) && 'code' in error && error.code === 'ERR_ENCODING_INVALID_ENCODED_DATA'
  )
}

async function rewritten(bytes: DiskBytes, isMarked: boolean, masker: Masker): Promise<DiskBytes> {
  const writer = new FileWriter(maskedPath(bytes.path))
  try {
    for await (const { masked } of partsOf(bytes, isMarked, masker))
      await writer.write(Buffer.from(masked))
    return await writer.end()
  } finally {
    await writer.close()
  }
}

async function* partsOf(
  bytes: DiskBytes,
  isMarked: boolean,
  masker: Masker,
): AsyncGenerator<{ masked: string; isChanged: boolean }> {
  let text = ''
  let from = 0
  const mask = (to: number) => {
    const { masked, end } = masker.part(text, { from, to }, isMarked)
    const isChanged = masked !== text.slice(from, end)
    const start = Math.max(0, end - AROUND)
    text = text.slice(start)
    from = end - start
    return { masked, isChanged }
  }
  for await (const piece of texts(bytes)) {
    text += piece
    if (text.length - from >= PART + AROUND) yield mask(text.length - AROUND)
  }
  yield mask(text.length)
}

async function* texts(bytes: DiskBytes): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  for await (const piece of piecesOf(bytes)) yield decoder.decode(piece, { stream: true })
  yield decoder.decode()
}
