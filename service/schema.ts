// The tables of all rooms that keep something in the relay's database, in the order in which their
// steps run.
import { LinkCodes } from './chat/codes.ts'
import { InboxReplies } from './chat/inbox-replies.ts'
import { InboxStore } from './chat/inbox-store.ts'
import { StoredLinks } from './chat/links.ts'
import { ShownStore } from './convert/shown-store.ts'
import { Holders } from './hub/holders.ts'
import { PageKeys } from './hub/page-keys.ts'
import { Audit } from './outbox/audit.ts'
import { SqliteOutbox } from './outbox/store.ts'
import { QuestionStore } from './replies/question-store.ts'
import { SaidStore } from './replies/said-store.ts'
import { WatchStore } from './replies/watch-store.ts'
import { Blobs } from './storage/blobs.ts'
import type { Steps } from './storage/migrations.ts'

export const SCHEMA: readonly Steps[] = [
  Blobs,
  SqliteOutbox,
  InboxStore,
  InboxReplies,
  QuestionStore,
  StoredLinks,
  LinkCodes,
  ShownStore,
  PageKeys,
  WatchStore,
  SaidStore,
  Holders,
  Audit,
].map(({ tables }) => tables)
