// The port to a chat service. An adapter knows its service's dialect and limits, and nothing of HTTP routes, of the outbox or of another
// adapter. It never retries by itself: only the outbox does.
import type { Block, PostFile, Source } from '../../post/contract/schema.ts'

/** Who posts, as the Hub (or the operating system, in local mode) says. */
export interface Person {
  name: string
  /** Hub groups; empty in local mode. */
  groups: readonly string[]
}

/** A target without its service prefix, parsed once: `@me`, `@ada`, `lab`. */
export type Target =
  { kind: 'me' } | { kind: 'person'; name: string } | { kind: 'channel'; name: string }

/** Where a post goes, resolved and allowed. Stored with the post, so it is plain JSON. */
export interface Destination {
  /** Posts of one lane are delivered in their order: the chat's channel id. */
  lane: string
  /** For people: `~lab`, `@ada`, `your inbox`. */
  label: string
  /** What the adapter needs to deliver, its own. */
  address: Record<string, string>
  /** What the sender should know, e.g. that a channel was created. */
  notices: string[]
  /** Accounts at the service, by id: of who posts and, of a direct message, of who gets it. */
  accounts?: { poster: string; person?: string }
}

export interface Capabilities {
  edit: boolean
  /** Milliseconds between two edits of one message; 0 if it does not matter. */
  minEditGapMs: number
  thread: boolean
  tables: boolean
  /** Whether `latex` blocks render. */
  math: boolean
  /** Length of one message, in the unit that the service counts. */
  text: { max: number; unit: 'runes' | 'utf16' | 'bytes' }
  files: { perMessage: number; bytes: number }
  /** A larger picture is scaled down: width times height. */
  images: { pixels: number }
}

/** One delivery, as the outbox holds it. */
export interface Delivery {
  id: string
  person: Person
  destination: Destination
  blocks: Block[]
  files: PostFile[]
  source: Source
  /** ISO 8601, when it was accepted. */
  acceptedAt: string
  attempt: number
  /** Root of the thread it belongs to, as `Delivered.thread` of an earlier post said. */
  thread: string | undefined
}

/** A message at the service that shows part of a post. */
export interface SentMessage {
  id: string
  /** Shows text of the post: an edit can change it. */
  text: boolean
  /** Carries files, which no edit changes. */
  files: boolean
}

export interface Delivered {
  /** In their order; the first one is the post's address. */
  messages: SentMessage[]
  url: string | undefined
  /** What replies of the same thread hang on. */
  thread: string
  /** Blocks or files the service could not take, in words; the adapter also names them in the post. */
  leftOut: string[]
}

/** A delivered post in a new state: its whole content, not a difference. `blocks` and `files` are the new ones. */
export interface Edit extends Omit<Delivery, 'attempt'> {
  /** Counted from 1; a greater one is newer. */
  version: number
  /** As the delivery or the last edit said. */
  delivered: Delivered
  /** SHA-256 of the files that came with the first delivery. */
  deliveredFiles: readonly string[]
}

/** Progress of a delivery of several steps, durable: a retry goes on from the last one instead of sending twice. */
export interface Checkpoint {
  /** Undefined at the first attempt. */
  read(): Record<string, unknown> | undefined
  /** Resolves after the commit. */
  write(step: Record<string, unknown>): Promise<void>
}

export type Readiness = { ready: true; detail: string } | { ready: false; detail: string }

/** What a person wrote to the bot. It is data: nothing in it is ever evaluated. */
export interface Reply {
  /** The service's id of the message: one may be heard twice. */
  id: string
  /** Where, as `Destination.lane`. */
  lane: string
  /** The thread it is in, as `Delivered.thread`; undefined beside all threads. */
  thread: string | undefined
  /** The very message it answers, as `SentMessage.id`, of a service that tells. */
  to?: string
  /** Nobody but the bot and this person reads there: a message beside all threads answers what was asked last. */
  direct: boolean
  /** Who wrote it, as `Destination.accounts` names people. */
  account: string
  text: string
  /** ms since 1970, by the service's clock. */
  at: number
}

/** A delivered post whose replies are wanted. */
export interface Conversation {
  destination: Destination
  delivered: Delivered
  /** ms since 1970: what was said before is known. */
  after: number
}

/** Of a service that hears people answer. */
export interface Replies {
  /**
   * Connects, and again whenever the connection is lost, until closed; never throws. `connected` is called each time: what was said
   * before that is asked by `missed`.
   */
  listen(heard: (reply: Reply) => void, connected: () => void): { close(): Promise<void> }
  /** What was said to a post, oldest first; of a direct message also what was said beside its thread. @throws {ChatError} */
  missed(conversation: Conversation, signal: AbortSignal): Promise<Reply[]>
}

/** An account at a service. */
export interface Account {
  id: string
  /** For people: `@alice (Mattermost)`. */
  label: string
}

/** Of a service whose accounts are not the relay's own: what a proof by a code needs. */
export interface Linking {
  /** Why this person needs no code, or cannot use one, in a sentence; undefined: a code is what links them. */
  unneeded(person: Person): string | undefined
  /** Whether the service answers, whoever is asked for. @throws {ChatError} */
  reach(signal: AbortSignal): Promise<void>
  /** The account of this name, if a person may have it. @throws {ChatError} */
  find(name: string, signal: AbortSignal): Promise<Account | undefined>
  /** Writes to an account alone. @throws {ChatError} */
  tell(account: string, text: string, signal: AbortSignal): Promise<void>
}

export interface ChatService {
  /** Name in `service:target` and in the configuration: `mattermost`, `inbox`. */
  readonly name: string
  /** For people: `Mattermost`, `inbox`. */
  readonly title: string
  /** From the service's own configuration where it tells; fixed values until it was reached. */
  capabilities(): Capabilities
  /** For `/ready`: token, team and reachability, in one sentence. Never throws, never tells a secret. */
  ready(signal: AbortSignal): Promise<Readiness>
  /**
   * Finds the target and decides whether the person may post there.
   * @throws {ChatError} `unknown_target`, `not_allowed`, `identity_not_linked`, or a retryable one if the service does not answer.
   */
  resolve(target: Target, person: Person, signal: AbortSignal): Promise<Destination>
  /** Targets this person may post to that match what was typed, best first. */
  targets(query: string, person: Person, signal: AbortSignal): Promise<string[]>
  /**
   * Delivers one post, checking the permission again. @throws {ChatError}
   */
  deliver(delivery: Delivery, checkpoint: Checkpoint, signal: AbortSignal): Promise<Delivered>
  /**
   * Shows a delivered post in its new state, checking the permission again. Repeating it changes nothing. What the service can edit no
   * more (deleted, edit window over) becomes a new message in the thread. The checkpoint is the post's: each edit goes on from the last.
   * @throws {ChatError}
   */
  edit(edit: Edit, checkpoint: Checkpoint, signal: AbortSignal): Promise<Delivered>
  /** Removes all messages of a delivered post; one that is gone already is removed. @throws {ChatError} */
  remove(edit: Edit, checkpoint: Checkpoint, signal: AbortSignal): Promise<void>
  /** Undefined: the service hears nobody. */
  readonly replies?: Replies
  /** Undefined: who posts there needs no account. */
  readonly linking?: Linking
  /** Address of a post at the service if it is known before the delivery. */
  addressOf?(id: string): string | undefined
  close(): Promise<void>
}
