// One pass over the posts that wait in the spool: in order, until the relay is away. A post at which the relay itself fails is set aside once
// it takes others, so that it holds up none. What is given up or set aside is said.
import layout from '../contract/spool.json' with { type: 'json' }
import { submitPost } from './client.ts'
import { PostError } from '../contract/error.ts'
import { RelayAway } from './http.ts'
import type { Relay } from './http.ts'
import type { Accepted, Post } from '../contract/schema.ts'
import type { SpoolHead } from './spool-file.ts'

/** Where the posts wait, by name. */
interface Waiting {
  /** undefined: it is gone. */
  read(name: string): Promise<{ head: SpoolHead; post: Post } | undefined>
  drop(name: string): Promise<void>
  setAside(name: string): Promise<void>
}

export interface Flushed {
  sent: Accepted[]
  /** What was given up, in words. */
  notices: string[]
  /** Why it did not send them all, if it did not. */
  away: string | undefined
  /** It stopped because the relay itself fails, at these posts or at all. */
  isFailing?: boolean
}

export interface PassOptions {
  signal?: AbortSignal | undefined
  /** The relay took a post just now: what it fails at is to blame. */
  isWell?: boolean
}

interface Failed {
  name: string
  head: SpoolHead
  error: RelayAway
}

/** After this many failures in a row, try only the newest post: the relay may be broken. */
const MOST_FAILED = layout.mostFailed

/** The refusals that are about the post itself, which no later try changes. All others are about the site: the post waits. */
const FINAL: ReadonlySet<string> = new Set(layout.refusalsOfPosts)

/** About the way to the post's targets: posts elsewhere go on. Any other refusal would meet each post. */
const ABOUT_TARGETS: ReadonlySet<string> = new Set(layout.refusalsOfTargets)

/** From where to where. */
export interface SpoolWay {
  waiting: Waiting
  relay: Relay
  /** Gets what was sent and given up, also if the pass ends with a throw. */
  flushed: Flushed
}

interface Pass extends SpoolWay {
  /** Targets that take nothing for now: what goes there keeps its place behind the first. */
  closed: Set<string>
  signal: AbortSignal | undefined
}

/**
 * Sends the entries of these names.
 *
 * @throws what leaves the rest for a later try.
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
    // The newest one tells whether it is broken.
    if (failed.length === MOST_FAILED) names.splice(0, names.length - 1)
    if (failed.length > MOST_FAILED) break
    if (flushed.sent.length === taken) continue
    // It took this one, so what it failed at before is to blame, if it fails once more.
    for (const { name: earlier } of failed) {
      const again = await tryOne(earlier)
      if (again !== undefined) await setAside(again)
    }
    failed = []
  }
  if (failed[0] !== undefined) throw failed[0].error
}

/**
 * @returns The entry if the relay failed at it; it says nothing about others.
 * @throws what leaves all for a later try.
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
    `${entryName(head)} is set aside: ${error.message}, and takes others. ` +
    'jupyterpost spool send tries it again, spool drop deletes it'
  )
}

/** As people are told of it. */
export function entryName({ spooledAt, manifest }: SpoolHead): string {
  return `A waiting post of ${new Date(spooledAt).toISOString()} to ${manifest.targets.join(', ')}`
}
