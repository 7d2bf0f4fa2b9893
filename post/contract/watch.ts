// The contract of the watch over a running cell: the kernel renews a lease at the relay, which says so in the chat when the kernel vanished;
// and the two words that a person may say to the cell from the chat.
import { z } from 'zod'
import limits from './limits.json' with { type: 'json' }
import { Source } from './schema.ts'

const { manifest } = limits

/** All that a relay can ever ask of a kernel. */
export const Command = z.enum(['stop', 'status'])
export type Command = z.infer<typeof Command>

/** The body of `PUT api/v1/watches/ID`; ID is the kernel's, a UUID a cell. Repeating it changes what differs and renews the lease. */
export const WatchManifest = z.object({
  /** Where "lost contact" is posted. */
  targets: z.array(z.string().min(1).max(200)).min(1).max(20),
  thread: z.string().min(1).max(manifest.thread).optional(),
  source: Source,
  /** ms that the cell has been running, up to 10 years: clocks differ, durations do not. */
  runningMs: z
    .number()
    .nonnegative()
    .max(10 * 365 * 24 * 60 * 60_000),
  /** Posts of the same person in whose threads `stop` and `status` are heard. */
  posts: z.array(z.string().max(100)).max(20),
})
export type WatchManifest = z.infer<typeof WatchManifest>

/**
 * The answer to that and to `GET api/v1/watches/ID/commands?after=SEQ&wait=SECONDS` (0 to 30), which renews too and is answered when there
 * is a command after SEQ, or when the time is up. `DELETE api/v1/watches/ID` ends the watch: the cell ended, or the kernel in order.
 */
export const WatchState = z.object({
  /** Without renewal for this long the relay says that it lost contact. */
  leaseMs: z.int().positive(),
  /** `post`: of the manifest, in whose thread it was said; none if that was a post of the relay itself. */
  commands: z.array(
    z.object({ seq: z.int().positive(), command: Command, post: z.string().optional() }),
  ),
})
export type WatchState = z.infer<typeof WatchState>
