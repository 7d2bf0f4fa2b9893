// Tells the true type of a file from its bytes, never from its name. This is the last step before a
// post leaves this computer, in a process without user code.
import { fileTypeFromBuffer } from 'file-type'
import { fileOfDisk } from './disk-file.ts'
import type { DiskOptions } from './disk-file.ts'
import { PostError } from '../contract/error.ts'
import { SHOWN_IMAGES } from '../contract/schema.ts'
import type { Block, PostFile, UntypedFile } from '../contract/schema.ts'
import { rootOf } from '../text/svg-root.ts'

/**
 * Reads a file from the disk, under its own name.
 * @throws {PostError} `bad_attachment`, `too_large`
 */
export async function diskFile(path: string, options?: DiskOptions): Promise<PostFile> {
  return typedFile(await fileOfDisk(path, options))
}

/** The block for a file that is not a cell's output: an image if chats can show it, else a file. */
export function fileBlock({ mimetype }: Pick<PostFile, 'mimetype'>, file: number): Block {
  return { type: SHOWN_IMAGES.has(mimetype) ? 'image' : 'file', file }
}

/**
 * The same post with the types of its files; pictures become `image` blocks.
 * @throws {PostError} `bad_attachment`
 */
export async function typed<Content extends { blocks: Block[]; files: UntypedFile[] }>(
  content: Content,
): Promise<Omit<Content, 'files'> & { files: PostFile[] }> {
  const files: PostFile[] = []
  for (const file of content.files) files.push(await typedFile(file))
  const blocks = content.blocks.map((block): Block => {
    const file = block.type === 'file' ? files[block.file] : undefined
    return file !== undefined && block.type === 'file' ? fileBlock(file, block.file) : block
  })
  return { ...content, blocks, files }
}

/** A name without an extension gets the extension of the type. */
async function typedFile({ name, bytes }: UntypedFile): Promise<PostFile> {
  if (bytes.byteLength === 0)
    throw new PostError('bad_attachment', `The attachment ${name} is empty`)
  const type = await fileTypeFromBuffer(bytes)
  const isText = type === undefined || type.mime === 'application/xml'
  const head = Buffer.from(bytes.subarray(0, 4096)).toString('utf8')
  const [mimetype, extension] = !isText
    ? [type.mime, type.ext]
    : rootOf(head) === 'svg'
      ? ['image/svg+xml', 'svg']
      : head.includes('\0')
        ? ['application/octet-stream', 'bin']
        : ['text/plain', 'txt']
  return { name: /\.\w{1,8}$/.test(name) ? name : `${name}.${extension}`, mimetype, bytes }
}
