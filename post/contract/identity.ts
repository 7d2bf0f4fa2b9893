// The contract of `%post --link`, which links a person's chat account: the chat's bot sends a code
// to the account, and the person types it in the notebook. The first answer is the same whether or
// not the account exists, so that nobody can find out which accounts there are.
import { z } from 'zod'
import { PostError } from './error.ts'

/** The body of `POST api/v1/identity`: asks for a code. */
export const LinkWish = z.object({
  /** Which chat service; the relay's default if left out. */
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

/** The answer to both requests; `message` is shown to the person. */
export const LinkAnswer = z.object({
  /**
   * `sent`: a code was sent, if the account exists. `unneeded`: the admin has configured which
   * account belongs to whom.
   */
  state: z.enum(['sent', 'unneeded', 'linked']),
  message: z.string(),
})
export type LinkAnswer = z.infer<typeof LinkAnswer>

/** One of the two requests. */
export interface LinkRequest {
  path: 'api/v1/identity' | 'api/v1/identity/code'
  body: LinkWish | LinkCode
}

/**
 * Reads the word after `--link`: a code, or a name such as `alice`, `@alice` or `service:alice`.
 * @throws {PostError} `bad_request`
 */
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
