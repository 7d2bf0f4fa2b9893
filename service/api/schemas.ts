// The schemas that have a name in the OpenAPI document.
import { z } from 'zod'

import { LinkAnswer, LinkCode, LinkWish } from '../../post/contract/identity.ts'
import { Answer, Ask, ReplyText, ShownQuestion } from '../../post/contract/question.ts'
import {
  Accepted,
  Block,
  Feed,
  LimitsAnswer,
  PostChange,
  PostManifest,
  PostStatus,
  Problem,
  ReadPost,
  Source,
  StoredPost,
} from '../../post/contract/schema.ts'
import { WatchManifest, WatchState } from '../../post/contract/watch.ts'

/** The bytes of a file. */
export const Bytes = z.string().meta({ format: 'binary' })

const NAMED = {
  Accepted,
  Answer,
  Ask,
  Block,
  Bytes,
  Feed,
  Limits: LimitsAnswer,
  LinkAnswer,
  LinkCode,
  LinkWish,
  PostChange,
  PostManifest,
  PostStatus,
  Problem,
  ReadPost,
  ReplyText,
  ShownQuestion,
  Source,
  StoredPost,
  WatchManifest,
  WatchState,
}

export type JsonSchema = Record<string, unknown>

/**
 * Collects schemas and turns all of them into JSON Schema at once, so that they can refer to each
 * other. What clients send may have fields that a schema does not name; so may answers, of a later
 * version.
 */
export class Components {
  readonly #registry = z.registry<{ id: string }>()

  constructor() {
    for (const [id, schema] of Object.entries(NAMED)) this.#registry.add(schema, { id })
  }

  /** A reference to the schema, which gets this name unless it has one. */
  reference(schema: z.ZodType, name: string): JsonSchema {
    const known = this.#registry.get(schema)
    if (!known) this.#registry.add(schema, { id: name })
    return { $ref: uri(known?.id ?? name) }
  }

  get schemas(): Record<string, JsonSchema> {
    const { schemas } = z.toJSONSchema(this.#registry, { io: 'input', uri })
    const sorted = Object.entries(schemas).toSorted(([a], [b]) => a.localeCompare(b))
    return Object.fromEntries(sorted.map(([id, schema]) => [id, withoutAddress(schema)]))
  }
}

function uri(id: string): string {
  return `#/components/schemas/${id}`
}

/** The document says of what kind its schemas are, and where each one is. */
function withoutAddress(schema: JsonSchema): JsonSchema {
  return Object.fromEntries(
    Object.entries(schema).filter(([name]) => name !== '$schema' && name !== '$id'),
  )
}
