// A JSON Schema in the notation of TypeScript, with its bounds behind it, for docs/api.md.
import { z } from 'zod'

const Schema = z.looseObject({
  $ref: z.string().optional(),
  const: z.unknown().optional(),
  enum: z.array(z.unknown()).optional(),
  type: z.string().optional(),
  format: z.string().optional(),
  description: z.string().optional(),
  minLength: z.number().optional(),
  maxLength: z.number().optional(),
  minItems: z.number().optional(),
  maxItems: z.number().optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  pattern: z.string().optional(),
  items: z.unknown().optional(),
  oneOf: z.array(z.unknown()).optional(),
  anyOf: z.array(z.unknown()).optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
  required: z.array(z.string()).optional(),
})

/** One line; a schema with a name is its name. */
export function typeText(given: unknown): string {
  const schema = Schema.parse(given)
  if (schema.$ref !== undefined) return nameOf(schema.$ref)
  if (schema.const !== undefined) return literal(schema.const)
  if (schema.enum) return schema.enum.map(literal).join(' | ')
  const choices = schema.oneOf ?? schema.anyOf
  if (choices) return choices.map(typeText).join(' | ')
  if (schema.type === 'array') return `${item(schema.items)}[]${bounds(schema)}`
  if (schema.properties) return `{ ${fields(schema).join(', ')} }`
  if (schema.format === 'binary') return 'bytes'
  return `${schema.type ?? 'anything'}${bounds(schema)}`
}

/** The fields of a schema, or the forms that it can have, each on a line. */
export function typeLines(given: unknown): string[] {
  const schema = Schema.parse(given)
  const choices = schema.oneOf ?? schema.anyOf
  if (choices) return choices.map((choice) => `| ${typeText(choice)}`)
  if (!schema.properties) return [typeText(schema)]
  return ['{', ...fields(schema).map((field) => `  ${field}`), '}']
}

function fields({ properties = {}, required = [] }: z.infer<typeof Schema>): string[] {
  return Object.entries(properties).map(
    ([name, field]) => `${name}${required.includes(name) ? '' : '?'}: ${typeText(field)}`,
  )
}

function item(schema: unknown): string {
  const text = typeText(schema)
  return text.includes(' | ') || text.includes(' (') ? `(${text})` : text
}

/** The numbers that a person needs; JSON's own largest number says nothing. */
function bounds(schema: z.infer<typeof Schema>): string {
  const { minLength, maxLength, minItems, maxItems, minimum, maximum } = schema
  const [least, most] = [minLength ?? minItems ?? minimum, maxLength ?? maxItems ?? maximum]
  const isAny = most === undefined || most === Number.MAX_SAFE_INTEGER
  if (isAny) return least === undefined || least <= 0 ? '' : ` (${least} or more)`
  return least === undefined ? ` (at most ${most})` : ` (${least} to ${most})`
}

function literal(value: unknown): string {
  return JSON.stringify(value).replaceAll('"', "'")
}

export function nameOf(reference: string): string {
  return reference.slice(reference.lastIndexOf('/') + 1)
}
