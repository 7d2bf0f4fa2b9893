// Cells and folders that nobody expects: each is answered, with types where that is possible.
import { afterEach, expect, test } from '@jest/globals'
import { closeAll, start } from '../helpers/started.ts'
import { TYPES, complete, untilTyped } from '../helpers/typing.ts'

afterEach(closeAll)

test('the folder has blanks, quotes, percent signs and letters of other scripts', async () => {
  const { client } = await start({ env: TYPES, prefix: `a b'"%20 100% \u00fc\u{1f600}#?-` })
  await client.execute('class Held { inHeld = 1 }\nconst made = () => [new Held()]')
  await untilTyped(client)
  const { matches } = await complete(client, 'const all = made(); all[0].¦')
  expect(matches.map(({ text }) => text)).toEqual(['inHeld'])
  const [made] = (await complete(client, 'made¦')).matches
  expect(made?.signature).toBe('() => Held[]')
})

test('long cells, many names, and code in the line of a magic', async () => {
  const { client } = await start({ env: TYPES })
  const many = Array.from({ length: 10_000 }, (_, n) => `const name${n} = ${n}`).join('\n')
  await client.execute(`${many}\n`)
  await client.execute(`const long = ${JSON.stringify('x'.repeat(1_000_000))}`)
  await client.execute('#!/usr/bin/env node\nconst afterLine = { inLine: 1 }')
  await client.execute('const __proto = { a: 1 }, constructor = { inConstructor: 1 }')
  await client.execute('%time const timed = { inTimed: 1 }')
  await untilTyped(client)
  const typed = async (name: string) =>
    (await complete(client, `const all = [${name}]; all[0].¦`)).texts
  expect(await typed('afterLine')).toEqual(['inLine'])
  expect(await typed('constructor')).toEqual(['inConstructor'])
  expect(await typed('timed')).toEqual(['inTimed'])
  expect((await complete(client, `${many}\nname9999.toFix¦`)).texts).toEqual(['toFixed'])
  // Too long for the checker: the runtime answers.
  const longest = `"${'x'.repeat(1_000_000)}"; afterLine.¦`
  expect((await complete(client, longest)).texts).toContain('inLine')
})
