// docs/api.md: the OpenAPI document as a page for people, laid out as prettier would.
import { z } from 'zod'

import { openApiDocument } from '../../../api/document.ts'
import { operationsOf } from '../../../api/operations.ts'
import type { Operation } from '../../../api/operation.ts'
import { nameOf, typeLines, typeText } from './type-text.ts'

const Described = z.object({ description: z.string() })
const Content = z.record(z.string(), z.object({ schema: z.looseObject({}) }))
const Shown = z.object({
  summary: z.string(),
  description: z.string().optional(),
  parameters: z
    .array(
      z.object({
        name: z.string(),
        in: z.string(),
        description: z.string().optional(),
        required: z.boolean(),
        schema: z.looseObject({}),
      }),
    )
    .default([]),
  requestBody: z.object({ content: Content }).optional(),
  responses: z.record(z.string(), Described.extend({ content: Content.optional() })),
})
const Document = z.object({
  info: Described,
  paths: z.record(z.string(), z.record(z.string(), Shown)),
  components: z.object({ schemas: z.record(z.string(), z.looseObject({})) }),
})

const INTRODUCTION = `# HTTP API

<!-- Made from service/api/: UPDATE_API=1 npm run jest -- service/test/api/document -->

The API that the magics, \`post()\` and \`jupyterpost\` use. It is for programs in other languages, and for people who look
what is on the wire. Each relay serves the same description as OpenAPI 3.1 at \`api/v1/openapi.json\`, without a token.

Addresses are below the relay's own, \`JUPYTERPOST_URL\`. Requests have a token in the header \`Authorization: token X\` or
\`Bearer X\`: on a Hub that of the user's server (\`JUPYTERHUB_API_TOKEN\`) or one with the scope
\`access:services!service=jupyterpost\`, on one's own machine that of \`relay.json\`. A post in one command:

\`\`\`
curl -H "Authorization: token $JUPYTERHUB_API_TOKEN" -H "Content-Type: application/json" \\
  -d '{"targets": ["@me"], "blocks": [{"type": "message", "text": "hello"}]}' "\${JUPYTERPOST_URL}api/v1/posts"
\`\`\`

- A refusal is a problem document (RFC 9457) with a \`code\` that never changes and a \`detail\` for the person.
  [posting.md](posting.md#when-something-is-wrong) lists the codes.
- JSON is in UTF-8, and bodies are not compressed (415). A parameter that is unknown, comes twice or is not percent-encoded
  UTF-8 is refused with 400, and so is a field of a form that comes twice. Unknown fields of JSON are ignored.
- An address answers other methods with 405 and \`Allow\`, \`OPTIONS\` with \`Allow\`, and \`HEAD\` as \`GET\` without the body.
- What is no HTTP is answered with 400, more than 16 kB of headers with 431, and what does not end with 408.
- With an \`Idempotency-Key\` a request can be sent again: the answer is the first one's, with \`Idempotent-Replayed: true\`. It
  is 409 with \`Retry-After\` while the first is being handled, and 422 if the key came with another body.
- 429, 503 and 409 \`idempotency_running\` say in \`Retry-After\` when to try again. 507: nothing can be stored, nothing was.
- Answers that a quota concerns have \`RateLimit-Policy\` and \`RateLimit\` of draft-ietf-httpapi-ratelimit-headers, with one
  item for each quota: \`"postsPerMinute";r=299;t=60\` means that 299 posts are left until it is whole again in 60 s.
- A later version may add fields to answers; clients ignore those that they do not know.
`

export function apiPage(): string {
  const operations = operationsOf('local')
  const { paths, components } = Document.parse(openApiDocument({ operations, prefix: '/' }))
  const named = Object.entries(components.schemas).filter(([name]) => !isOfOne(name))
  return [
    INTRODUCTION,
    '## Requests\n',
    ...operations.flatMap((operation) => {
      const shown = paths[operation.path]?.[operation.method]
      return shown ? [requestText(operation, shown, components.schemas)] : []
    }),
    '## Schemas\n',
    'A `?` marks a field that may be missing; behind a type stand its bounds.\n',
    ...named.map(
      ([name, schema]) => `### ${name}\n\n\`\`\`\n${typeLines(schema).join('\n')}\n\`\`\`\n`,
    ),
  ]
    .join('\n')
    .trimEnd()
    .concat('\n')
}

/** Whether a schema is that of one request only: it is shown there. */
function isOfOne(name: string): boolean {
  return /(?:Form|Answer)\d?$/.test(name) && !['Answer', 'LinkAnswer'].includes(name)
}

const CALLERS = {
  anyone: 'Needs no token.',
  token: 'Needs a token.',
  reader: "Needs a token, or a session of the inbox page on one's own machine.",
} as const

type Schemas = z.infer<typeof Document>['components']['schemas']

function requestText(
  { method, path, caller, isLocal }: Operation,
  shown: z.infer<typeof Shown>,
  schemas: Schemas,
): string {
  const place = isLocal === true ? " Only a relay on one's own machine has it." : ''
  const { summary, description = '', parameters, requestBody, responses } = shown
  const bodies = Object.entries(requestBody?.content ?? {}).map(
    ([type, { schema }]) => `- body \`${type}\`: ${inCode(schema, schemas)}`,
  )
  const answers = Object.entries(responses).map(([status, response]) => {
    const [content] = Object.entries(response.content ?? {})
    const isProblem = content?.[0] === 'application/problem+json'
    const type =
      content === undefined || isProblem
        ? ''
        : ` \`${content[0]}\`: ${inCode(content[1].schema, schemas)}`
    return `- ${status}: ${response.description}${type}`
  })
  return [
    `### ${method.toUpperCase()} ${path}\n`,
    `${summary}. ${description}${description === '' ? '' : ' '}${CALLERS[caller]}${place}\n`,
    ...parameters.map(parameterText),
    ...bodies,
    ...answers,
    '',
  ].join('\n')
}

function parameterText(parameter: z.infer<typeof Shown>['parameters'][number]): string {
  const { name, description, required, schema } = parameter
  const must = required ? ', required' : ''
  return `- ${parameter.in} \`${name}\`${must}: \`${typeText(schema)}\`. ${description ?? ''}`
}

function inCode(schema: z.infer<typeof Content>[string]['schema'], schemas: Schemas): string {
  const reference = z.string().optional().parse(schema['$ref'])
  if (reference === undefined) return `\`${typeText(schema)}\``
  const name = nameOf(reference)
  const own = schemas[name]
  return isOfOne(name) && own ? `\`${typeText(own)}\`` : `[${name}](#${name.toLowerCase()})`
}
