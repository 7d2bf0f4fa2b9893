// What policy makes of a target and the outbox keeps: the service it is of, and where it goes if that is known yet.
import type { Destination, Target } from './chat.ts'

/** One target of a submission. */
export interface Goal {
  /** As typed. */
  typed: string
  service: string
  target: Target
  /** Undefined: the chat did not answer; the worker resolves it. */
  destination: Destination | undefined
  /** Address of the post with this id, of a service that knows it before the delivery. */
  addressOf: (id: string) => string | undefined
  /** For people, while there is no destination. */
  label: string
}
