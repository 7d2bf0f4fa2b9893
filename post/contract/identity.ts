// The contract of `%post --link`: a person's chat account, proved by a code that the chat's bot sends to it. The first answer is the same
// whether or not there is such an account, so that nobody finds out by it who is there.
import { z } from 'zod'
import { PostError } from './error.ts'

/** The body of `POST api/v1/identity`: asks for a code. */
export const LinkWish = z.object({
  /** Of several chat services; the relay's standard one unless given. */
  service: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,31}$/)
    .optional(),
  /** The user name at the chat, with or without `@`. */
  name: z.string().trim().min(1).max(65),
})
export type LinkWish = z.infer<typeof LinkWish>

/** The body of `POST api/v1/identity/code`: the code as it was sent, `1234-5678`. */
export const LinkCode = z.object({ code: z.string().regex(/^\d{4}-\d{4}$/) })
export type LinkCode = z.infer<typeof LinkCode>

/** The answer of both: `message` is for the person. */
export const LinkAnswer = z.object({
  /** `sent`: to the account, if there is one. `unneeded`: the admin's settings say who has which account. */
  state: z.enum(['sent', 'unneeded', 'linked']),
  message: z.string(),
})
export type LinkAnswer = z.infer<typeof LinkAnswer>

/** One of the two requests. */
export interface LinkRequest {
  path: 'api/v1/identity' | 'api/v1/identity/code'
  body: LinkWish | LinkCode
}

/** A word as typed after `--link`: a code, or a name as `alice`, `@alice`, `service:alice`. @throws {PostError} `bad_request` */
export function linkRequest(word: string): LinkRequest {
  const code = LinkCode.safeParse({ code: word })
  if (code.success) return { path: 'api/v1/identity/code', body: code.data }
  const [, service, name] = /^(?:([a-z][a-z0-9-]{0,31}):)?@?([^:\s@]+)$/.exec(word) ?? []
  const wish = LinkWish.safeParse({ name, ...(service === undefined ? {} : { service }) })
  if (wish.success) return { path: 'api/v1/identity', body: wish.data }
  throw new PostError(
    'bad_request',
    `Expected your user name at the chat, as alice or service:alice, or the code that its bot sent you, as 1234-5678; got ${JSON.stringify(word)}`,
  )
}
