// One target after the policy's checks, as the outbox keeps it: its service, and where it goes if
// that is known yet.
import type { Destination, Target } from './chat.ts'

/** One target of a submission. */
export interface Goal {
  /** As typed. */
  typed: string
  service: string
  target: Target
  /** Undefined if the chat did not answer; then the worker resolves it. */
  destination: Destination | undefined
  /** Why there is no destination yet, in a sentence; undefined if the chat took too long. */
  trouble?: string
  /** Address of the post with this id, if its service knows it before the delivery. */
  addressOf: (id: string) => string | undefined
  /** For people, as long as there is no destination. */
  label: string
}
