// A picture that is to be drawn. One that is on the disk is read when it is its turn, because many
// may wait.
import type { Bytes, DiskBytes, RelayFile } from '../storage/bytes.ts'
import { headOf, isOnDisk, wholeOf } from '../storage/bytes.ts'
import type { Job, PictureLimits } from './jobs.ts'
import { isPdf, isSvg, isVega, textOf } from './sniff.ts'

type Kind = 'svg' | 'vega' | 'pdf' | 'still'

export type Order = Job | { kind: Kind; from: DiskBytes; limits: PictureLimits }

export async function orderOf(file: RelayFile, limits: PictureLimits): Promise<Order> {
  const kind = await kindOf(file)
  const { bytes } = file
  return isOnDisk(bytes) ? { kind, from: bytes, limits } : jobOfBytes(kind, bytes, limits)
}

/** Reads what is on the disk. */
export async function jobOf(order: Order): Promise<Job> {
  if (!('from' in order)) return order
  return jobOfBytes(order.kind, await wholeOf(order.from), order.limits)
}

async function kindOf({ bytes, mimetype }: RelayFile): Promise<Kind> {
  if (isSvg({ bytes, mimetype })) return 'svg'
  if (await isPlot(bytes)) return 'vega'
  return isPdf({ bytes: await headOf(bytes, 5) }) ? 'pdf' : 'still'
}

async function isPlot(bytes: Bytes): Promise<boolean> {
  const head = await headOf(bytes, 4096)
  return /^\s*\{/.test(textOf(head)) && isVega({ bytes: await wholeOf(bytes) })
}

function jobOfBytes(kind: Kind, bytes: Uint8Array, limits: PictureLimits): Job {
  switch (kind) {
    case 'svg':
      return { kind, svg: textOf(bytes), limits }
    case 'vega':
      return { kind, spec: textOf(bytes), limits }
    default:
      return { kind, bytes, limits }
  }
}
