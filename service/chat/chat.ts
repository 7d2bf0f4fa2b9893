// The port to a chat service. An adapter knows its service's dialect and limits, but nothing of
// HTTP routes, the outbox or other adapters. It never retries by itself: only the outbox does.
import type { Block, Source } from '../../post/contract/schema.ts'
import type { RelayFile } from '../storage/bytes.ts'

/** Who posts, as the Hub (or the operating system, in local mode) says. */
export interface Person {
  name: string
  /** Hub groups; empty in local mode. */
  groups: readonly string[]
  /** Where the request came from, as the Hub says: the server, or the id of the token. */
  origin?: string
}

/** A target without its service prefix, parsed once: `@me`, `@ada`, `lab`, `"Town Square"`. */
export type Target =
  | { kind: 'me' }
  | { kind: 'person'; name: string; at?: string }
  | {
      kind: 'channel'
      name: string
      /** It may also be the name of a person, if there is no such channel: typed without `~`. */
      orPerson?: true
      /** From a link: server and team, as `chat.example.org/team`. */
      at?: string
    }
  | { kind: 'display name'; name: string }

/** Where a post goes, resolved and allowed. Stored with the post, so it is plain JSON. */
export interface Destination {
  /** Posts of one lane are delivered in their order: the chat's channel id. */
  lane: string
  /** For people: `~lab`, `@ada`, `your inbox`. */
  label: string
  /** What the adapter itself needs to deliver. */
  address: Record<string, string>
  /** What the sender should know, for example that a channel was created. */
  notices: string[]
  /**
   * All names of the place, for the admin's policy: `~lab`, `id:ID`; for a person's own also `@me`.
   */
  names?: string[]
  /** Accounts at the service, by id: the poster's and, for a direct message, the reader's. */
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
  /** Whether `$x$` within a line of markdown renders. */
  inlineMath: boolean
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
  files: RelayFile[]
  source: Source
  /** ISO 8601, when it was accepted. */
  acceptedAt: string
  attempt: number
  /** Root of the thread it belongs to: `Delivered.thread` of an earlier post. */
  thread: string | undefined
  /**
   * The relay's database comes from a backup: the service may have the post, or part of it, and
   * must be asked first.
   */
  isDoubtful?: true
}

/** A message at the service that shows part of a post. */
export interface SentMessage {
  id: string
  /** Shows text of the post, so an edit can change it. */
  text: boolean
  /** Carries files; an edit does not change them. */
  files: boolean
}

export interface Delivered {
  /** In their order; the first one is the post's address. */
  messages: SentMessage[]
  url: string | undefined
  /** The message that replies in the same thread refer to. */
  thread: string
  /** Blocks or files that the service could not take, in words; the post names them too. */
  leftOut: string[]
}

/** New state of a delivered post: its whole content; `blocks` and `files` are the new ones. */
export interface Edit extends Omit<Delivery, 'attempt' | 'isDoubtful'> {
  /** Counted from 1; the greater one is newer. */
  version: number
  /** As the delivery or the last edit returned it. */
  delivered: Delivered
  /** SHA-256 of the files that came with the first delivery. */
  deliveredFiles: readonly string[]
}

/** Durable progress of a delivery in several steps: a retry goes on and does not send twice. */
export interface Checkpoint {
  /** Undefined at the first attempt. */
  read(): Record<string, unknown> | undefined
  /** Resolves after the commit. */
  write(step: Record<string, unknown>): Promise<void>
}

export type Readiness = { ready: true; detail: string } | { ready: false; detail: string }

/** What a person wrote to the bot. It is data and is never evaluated. */
export interface Reply {
  /** The service's id of the message; the same message may be heard twice. */
  id: string
  /** Where it was written, as in `Destination.lane`. */
  lane: string
  /** The thread it is in, as `Delivered.thread`; undefined outside threads. */
  thread: string | undefined
  /** The message it answers, as `SentMessage.id`, if the service tells. */
  to?: string
  /** Only the bot and this person read there: outside threads it answers the last question. */
  direct: boolean
  /** Who wrote it, as in `Destination.accounts`. */
  account: string
  text: string
  /** ms since 1970, by the service's clock. */
  at: number
}

/** A delivered post whose replies are wanted. */
export interface Conversation {
  destination: Destination
  delivered: Delivered
  /** ms since 1970: earlier replies are already known. */
  after: number
}

/** For a service that can hear people answer. */
export interface Replies {
  /**
   * Connects, and again whenever the connection is lost, until closed; never throws. `connected` is
   * called each time: `missed` gives what was said before.
   */
  listen(heard: (reply: Reply) => void, connected: () => void): { close(): Promise<void> }
  /**
   * What was said to a post, oldest first; for a direct message also what was said outside its
   * thread. @throws {ChatError}
   */
  missed(conversation: Conversation, signal: AbortSignal): Promise<Reply[]>
}

/** An account at a service. */
export interface Account {
  id: string
  /** For people: `@alice (Mattermost)`. */
  label: string
}

/** What a proof by code needs, for a service whose accounts are not the relay's own. */
export interface Linking {
  /**
   * Why this person needs no code or cannot use one, as a sentence; undefined if a code links them.
   */
  unneeded(person: Person): string | undefined
  /** Checks that the service answers at all. @throws {ChatError} */
  reach(signal: AbortSignal): Promise<void>
  /** The account with this name, if it can be linked. @throws {ChatError} */
  find(name: string, signal: AbortSignal): Promise<Account | undefined>
  /** Writes to this account only. @throws {ChatError} */
  tell(account: string, text: string, signal: AbortSignal): Promise<void>
}

export interface ChatService {
  /** Name in `service:target` and in the configuration: `mattermost`, `inbox`. */
  readonly name: string
  /** For people: `Mattermost`, `inbox`. */
  readonly title: string
  /** From the service's configuration where it tells; fixed values until it was reached. */
  capabilities(): Capabilities
  /** For `/ready`: token, team and reachability in one sentence. Never throws, shows no secret. */
  ready(signal: AbortSignal): Promise<Readiness>
  /**
   * Whether links to its channels begin like this (`Target.at`), as far as it knows without asking
   * the service. `resolve` decides.
   */
  isAt?(at: string): boolean
  /**
   * Finds the target and decides whether the person may post there.
   * @throws {ChatError} `unknown_target`, `not_allowed`, `identity_not_linked`, or a retryable one
   *   if the service does not answer.
   */
  resolve(target: Target, person: Person, signal: AbortSignal): Promise<Destination>
  /** Targets that match what was typed and where this person may post, best first. */
  targets(query: string, person: Person, signal: AbortSignal): Promise<string[]>
  /**
   * Delivers one post; checks the permission again. @throws {ChatError}
   */
  deliver(delivery: Delivery, checkpoint: Checkpoint, signal: AbortSignal): Promise<Delivered>
  /**
   * Shows a delivered post in its new state; checks the permission again. Safe to repeat. A message
   * that the service can no longer edit (deleted, edit window over) is sent anew in the thread. The
   * checkpoint is the post's: each edit goes on from the last.
   * @throws {ChatError}
   */
  edit(edit: Edit, checkpoint: Checkpoint, signal: AbortSignal): Promise<Delivered>
  /** Removes all messages of a delivered post, if they still exist. @throws {ChatError} */
  remove(edit: Edit, checkpoint: Checkpoint, signal: AbortSignal): Promise<void>
  /** Undefined if the service cannot hear replies. */
  readonly replies?: Replies
  /** Undefined if posting there needs no account. */
  readonly linking?: Linking
  /** Address of a post at the service, if known before the delivery. */
  addressOf?(id: string): string | undefined
  close(): Promise<void>
}
