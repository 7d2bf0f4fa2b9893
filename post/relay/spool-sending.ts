// Sends the posts that wait in the spool, in order, until the relay is away. If the relay fails at
// one post (500) but takes others, that post is set aside, so that it does not hold them up. Each
// post that is dropped or set aside is reported.
import layout from '../contract/spool.json' with { type: 'json' }
import { submitPost } from './client.ts'
import { PostError } from '../contract/error.ts'
import { RelayAway } from './http.ts'
import type { Relay } from './http.ts'
import type { Accepted, Post } from '../contract/schema.ts'
import type { SpoolHead } from './spool-file.ts'

/** Reads and changes waiting posts, by the names of their files. */
interface Waiting {
  /** @returns Undefined if it is gone. */
  read(name: string): Promise<{ head: SpoolHead; post: Post } | undefined>
  drop(name: string): Promise<void>
  setAside(name: string): Promise<void>
}

export interface Flushed {
  sent: Accepted[]
  /** Which posts were dropped or set aside, in words. */
  notices: string[]
  /** Why not all posts were sent; undefined if they were. */
  away: string | undefined
  /** It stopped because the relay itself failed (500), at some posts or at all. */
  isFailing?: boolean
}

export interface PassOptions {
  signal?: AbortSignal | undefined
  /** The relay has just taken a post, so if it fails at another one, that post is the cause. */
  isWell?: boolean
}

interface Failed {
  name: string
  head: SpoolHead
  error: RelayAway
}

/** After this many failures in a row, try only the newest post: the relay may be broken. */
const MOST_FAILED = layout.mostFailed

/**
 * Errors about the post itself: trying again does not help, so the post is dropped. After any other
 * error it waits.
 */
const FINAL: ReadonlySet<string> = new Set(layout.refusalsOfPosts)

/**
 * Errors about a target: posts to other targets are still sent. Any other error (`refusalsOfAll` in
 * the same file) would come for every post.
 */
const ABOUT_TARGETS: ReadonlySet<string> = new Set(layout.refusalsOfTargets)

/** What to send, and to which relay. */
export interface SpoolWay {
  waiting: Waiting
  relay: Relay
  /** Gets the results, even if sending ends with an error. */
  flushed: Flushed
}

interface Pass extends SpoolWay {
  /** Targets that take nothing now. Further posts to them wait, so that they keep their order. */
  closed: Set<string>
  signal: AbortSignal | undefined
}

/**
 * Sends the entries with these names.
 *
 * @throws an error after which the rest must wait for a later try.
 */
export async function sendEntries(
  names: string[],
  way: SpoolWay,
  { signal, isWell = false }: PassOptions,
): Promise<void> {
  const { waiting, flushed } = way
  const pass: Pass = { ...way, closed: new Set(), signal }
  const tryOne = (name: string) => trySending(name, pass)
  const setAside = async (failure: Failed) => {
    await waiting.setAside(failure.name)
    flushed.notices.push(asideLine(failure))
  }
  let failed: Failed[] = []
  for (let name = names.shift(); name !== undefined; name = names.shift()) {
    const taken = flushed.sent.length
    const failure = await tryOne(name)
    if (failure !== undefined && isWell) await setAside(failure)
    else if (failure !== undefined) failed.push(failure)
    // If the relay takes the newest post, it is not broken.
    if (failed.length === MOST_FAILED) names.splice(0, names.length - 1)
    if (failed.length > MOST_FAILED) break
    if (flushed.sent.length === taken) continue
    // The relay took this post, so those at which it failed before are set aside if it fails again.
    for (const { name: earlier } of failed) {
      const again = await tryOne(earlier)
      if (again !== undefined) await setAside(again)
    }
    failed = []
  }
  if (failed[0] !== undefined) throw failed[0].error
}

/**
 * @returns The entry if the relay failed at it (500), which says nothing about other entries.
 * @throws an error after which all must wait for a later try.
 */
async function trySending(
  name: string,
  { waiting, relay, flushed, closed, signal }: Pass,
): Promise<Failed | undefined> {
  const read = await waiting.read(name)
  if (read === undefined) return undefined
  const { head, post } = read
  if (post.targets.some((target) => closed.has(target))) return undefined
  try {
    const { idempotencyKey } = head
    flushed.sent.push(await submitPost(relay, post, { idempotencyKey, signal }))
  } catch (error) {
    if (error instanceof RelayAway && error.status === 500) return { name, head, error }
    if (!(error instanceof PostError)) throw error
    if (ABOUT_TARGETS.has(error.code)) {
      for (const target of post.targets) closed.add(target)
      flushed.away ??= error.message
      return undefined
    }
    if (!FINAL.has(error.code)) throw error
    flushed.notices.push(`${entryName(head)} was refused and dropped: ${error.message}`)
  }
  await waiting.drop(name)
  return undefined
}

function asideLine({ head, error }: Failed): string {
  return (
    `${entryName(head)} is set aside: ${error.message}, but it takes other posts. ` +
    'jupyterpost spool send tries it again, jupyterpost spool drop deletes it'
  )
}

/** What messages call the post. */
export function entryName({ spooledAt, manifest }: SpoolHead): string {
  return `A waiting post of ${new Date(spooledAt).toISOString()} to ${manifest.targets.join(', ')}`
}
