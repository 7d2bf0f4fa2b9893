// The contract of a watch over a running cell. The kernel renews a lease at the relay; if it stops
// doing so, the relay says in the chat that it lost contact. From the chat a person can send two
// words to the cell.
import { z } from 'zod'
import limits from './limits.json' with { type: 'json' }
import { Source } from './schema.ts'

const { manifest } = limits

/** The only two things that a relay can ask of a kernel. */
export const Command = z.enum(['stop', 'status'])
export type Command = z.infer<typeof Command>

/**
 * The body of `PUT api/v1/watches/ID`. The kernel chooses ID, a UUID for each cell. Repeating the
 * request updates the watch and renews the lease.
 */
export const WatchManifest = z.object({
  /** Where to post "lost contact". */
  targets: z.array(z.string().min(1).max(200)).min(1).max(20),
  thread: z.string().min(1).max(manifest.thread).optional(),
  source: Source,
  /**
   * How long the cell has been running, in ms, up to 10 years. A duration, because clocks differ
   * between machines.
   */
  runningMs: z
    .number()
    .nonnegative()
    .max(10 * 365 * 24 * 60 * 60_000),
  /** Posts of the same person; `stop` and `status` are heard in their threads. */
  posts: z.array(z.string().max(100)).max(20),
})
export type WatchManifest = z.infer<typeof WatchManifest>

/**
 * The answer to that and to `GET api/v1/watches/ID/commands?after=SEQ&wait=SECONDS` (0 to 30). The
 * latter also renews the lease, and is answered when there is a command after SEQ or when the time
 * is up. `DELETE api/v1/watches/ID` ends the watch, because the cell ended or the kernel shuts
 * down.
 */
export const WatchState = z.object({
  /** After this long without renewal, the relay says that it lost contact. */
  leaseMs: z.int().positive(),
  /**
   * `post`: the post of the manifest in whose thread the command was given; missing if it was the
   * thread of a post that the relay made itself.
   */
  commands: z.array(
    z.object({ seq: z.int().positive(), command: Command, post: z.string().optional() }),
  ),
})
export type WatchState = z.infer<typeof WatchState>
