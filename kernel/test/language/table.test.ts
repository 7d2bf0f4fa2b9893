// The table of typing: what the kernel says in a notebook is what TypeScript itself says about one
// file of the same content. cases/ has the questions, cases/expected.json TypeScript's answers.
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { isDeepStrictEqual, stripVTControlCharacters } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { Answer, Client } from '../helpers/client.ts'
import { closeAll, start } from '../helpers/started.ts'
import { TYPES, complete, inspect, settled, untilTyped } from '../helpers/typing.ts'
import { expectations } from './cases/expected.ts'
import { KINDS, cellOf } from './cases/scenario.ts'
import { SCENARIOS } from './cases/scenarios.ts'

test('there are at least 200 cases', () => {
  const cases = SCENARIOS.flatMap((scenario) => KINDS.flatMap((kind) => scenario[kind] ?? []))
  expect(cases.length).toBeGreaterThanOrEqual(200)
})

describe.each(SCENARIOS.map((scenario) => [scenario.name, scenario] as const))(
  '%s',
  (name, { files = {}, before, ...asked }) => {
    let client: Client

    beforeAll(async () => {
      const kernel = await start({
        env: TYPES,
        args(file) {
          writeFiles(dirname(file), files)
          return [file]
        },
      })
      ;({ client } = kernel)
      for (const cell of before) {
        const { reply } = await client.execute(cell)
        if (reply.content['status'] !== 'ok')
          throw new Error(`${cell}: ${String(reply.content['evalue'])}`)
      }
      await untilTyped(client)
    })
    afterAll(closeAll)

    const expected = expectations(name)

    if (asked.complete) {
      test.each(asked.complete.map(cellOf))('Tab in %j', async (cell) => {
        const { texts, count, details = {} } = expected.complete(cell)
        const { matches, texts: found } = await settled(
          () => complete(client, cell),
          (answer) =>
            count === undefined
              ? isDeepStrictEqual(answer.texts.toSorted(), texts)
              : new Set(texts).isSubsetOf(new Set(answer.texts)),
        )
        if (count === undefined) expect(found.toSorted()).toEqual(texts)
        else expect(found).toEqual(expect.arrayContaining(texts))
        for (const [text, detail] of Object.entries(details)) {
          const signature = matches.find((match) => match.text === text)?.signature
          if (typeof signature === 'string') expect(sameType(detail)).toContain(sameType(signature))
        }
        expect(JSON.stringify(matches)).not.toContain('__jupyterpost')
      })
    }

    if (asked.inspect) {
      test.each(asked.inspect.map(cellOf))('Shift+Tab in %j', async (cell) => {
        const { text } = expected.inspect(cell)
        const found = await settled(
          () => inspect(client, cell),
          (answer) => answer?.plain.includes(text[0] ?? '') === true,
        )
        const plain = (found?.plain ?? '').split('\n').map((line) => line.trim())
        for (const line of text) expect(plain).toContain(line)
        expect(JSON.stringify(found)).not.toContain('__jupyterpost')
        expect(found?.plain).not.toContain('(alias)')
      })
    }

    if (asked.diagnostics) {
      // Cells that are right run; the others change nothing for those after them.
      beforeAll(() => client.execute('%types error'))
      test.each(asked.diagnostics.map(cellOf))('errors of %j', async (cell) => {
        const { errors } = expected.diagnostics(cell)
        const found = await settled(
          async () => errorsIn(await client.execute(cell)),
          (answer) => isDeepStrictEqual(answer, errors),
        )
        expect(found).toEqual(errors)
      })
    }

    if (asked.signature) {
      test.each(asked.signature.map(cellOf))('the call in %j', async (cell) => {
        const { label, parameter } = expected.signature(cell)
        const found = await settled(
          () => inspect(client, cell),
          (answer) => label === undefined || answer?.plain.includes(label) === true,
        )
        if (label !== undefined) expect(found?.plain).toContain(label)
        if (parameter !== undefined) expect(found?.markdown).toContain(`**\`${parameter}\`**`)
        else expect(found?.markdown ?? '').not.toContain('**`')
        expect(JSON.stringify(found)).not.toContain('__jupyterpost')
      })
    }
  },
)

/** `1 TS2322`: line and number of each error that the cell shows. */
function errorsIn({ iopub }: Answer): string[] {
  const shown = iopub.filter(({ header }) => header.msg_type === 'error')
  const text = shown.map(({ content }) => String(content['traceback'])).join('\n')
  const lines = stripVTControlCharacters(text).split('\n')
  return lines.flatMap((line, index) => {
    const [, code] = /\bTS(\d+)\b/.exec(line) ?? []
    const rest = lines.slice(index).join('\n')
    const [, number] = /line (\d+), column/.exec(rest) ?? []
    // The last line sums up, without a place.
    return code === undefined || number === undefined ? [] : [`${number} TS${code}`]
  })
}

function writeFiles(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    const path = join(folder, name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
  }
}

/** A type as it is compared: TypeScript writes a function and what is optional in two ways. */
function sameType(text: string): string {
  return text
    .replaceAll("'", '"')
    .replaceAll(/"\w*"(?: \| "\w*")+/g, (union) => union.split(' | ').toSorted().join(' | '))
    .replaceAll(' => ', ': ')
    .replaceAll(' | undefined', '')
    .replace(/ \(\+\d+ overloads?\)$/, '')
    .replaceAll(/\b\w+\.(?=\w)/g, '')
    .replaceAll(/<[^<>]*>/g, '')
    .replaceAll(/[\s(),]+/g, ' ')
}
