// Magics about folders, variables, files and what a cell shows as it is, through the whole kernel.
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { Client } from '../helpers/client.ts'
import { spawnKernel } from '../helpers/kernel.ts'
import type { Spawned } from '../helpers/kernel.ts'
import { bundles, textOf } from '../helpers/shown.ts'

let kernel: Spawned
let client: Client
let folder: string

beforeAll(async () => {
  kernel = await spawnKernel({ env: { SERVICE_TOKEN: 'correct horse battery', COLOUR: 'green' } })
  client = await new Client(kernel.connection).connect()
  folder = dirname(kernel.file)
  mkdirSync(join(folder, 'data/more'), { recursive: true })
  writeFileSync(join(folder, 'data/notes.ts'), 'export const n: number = 1\n')
})

afterAll(async () => {
  client.close()
  await kernel.close()
})

async function shown(code: string): Promise<string> {
  const answer = await client.execute(code)
  expect(answer.reply.content).toMatchObject({ status: 'ok' })
  return textOf(answer)
}

async function refused(code: string): Promise<unknown> {
  const { reply } = await client.execute(code)
  expect(reply.content).toMatchObject({ status: 'error', ename: 'UsageError' })
  return reply.content['evalue']
}

async function completed(code: string): Promise<unknown> {
  const { reply } = await client.ask('complete_request', { code, cursor_pos: code.length })
  return reply.content['matches']
}

test('%cd changes the folder of cells, shell lines and %pwd, back by -, home by nothing', async () => {
  expect(await shown('%pwd')).toBe(`${folder}\n`)
  expect(await shown('%cd data\nconsole.log(process.cwd())\n! pwd')).toBe(
    `${join(folder, 'data')}\n`.repeat(3),
  )
  expect(await shown('%cd -')).toBe(`${folder}\n`)
  expect(await shown("const where = 'data/more'\n%cd ${where}\n%pwd")).toBe(
    `${join(folder, 'data/more')}\n`.repeat(2),
  )
  expect(await shown('%cd')).toBe(`${folder}\n`)
  expect(await refused('%cd nowhere')).toContain(`There is no folder ${join(folder, 'nowhere')}`)
  expect(await refused('%cd kernel.json')).toContain('is no folder')
})

test('imports resolve from the folder of the notebook, whatever %cd says', async () => {
  const code = "%cd data\nimport { n } from './data/notes.ts'\nconsole.log(n)\n%cd -"
  expect(await shown(code)).toContain('\n1\n')
})

test('%env sets, shows and lists variables, and hides what posts would mask', async () => {
  expect(await shown('%env COLOUR')).toBe('green\n')
  expect(await shown('%env COLOUR=sea blue\nconsole.log(process.env.COLOUR)\n! echo $COLOUR')).toBe(
    'env: COLOUR=sea blue\nsea blue\nsea blue\n',
  )
  expect(await shown('%env SIZE 7\nconsole.log(process.env.SIZE)')).toBe('env: SIZE=7\n7\n')
  expect(await shown('%env SERVICE_TOKEN')).toBe('[masked]\n')
  expect(await shown('%env OTHER=with correct horse battery in it')).not.toContain('horse')
  expect(await shown('%env API_KEY=short')).toBe('env: API_KEY=[masked]\n')
  const all = await shown('%env')
  expect(all).toContain('\nCOLOUR=sea blue\n')
  expect(all).not.toContain('horse')
  expect(all).not.toContain('short')
  expect(await refused('%env NOWHERE')).toContain('There is no variable NOWHERE')
})

test('%%writefile writes, overwrites and appends the body as typed', async () => {
  expect(await shown('%%writefile data/out.txt\n${a} %post\n  b')).toBe('Writing data/out.txt\n')
  expect(readFileSync(join(folder, 'data/out.txt'), 'utf8')).toBe('${a} %post\n  b\n')
  expect(await shown('%%writefile -a data/out.txt\nc\n')).toBe('Appending to data/out.txt\n')
  expect(await shown('%%writefile data/out.txt --append\nd\n')).toContain('Appending')
  expect(readFileSync(join(folder, 'data/out.txt'), 'utf8')).toBe('${a} %post\n  b\nc\nd\n')
  expect(await shown('const file = "out.txt"\n1')).toBe('')
  expect(await shown('%%writefile data/${file}\nnew')).toContain('Overwriting')
  expect(await shown('%%writefile "two words.txt"\nnew')).toContain('Writing two words.txt')
  expect(await refused('%%writefile\nx')).toContain('Expected the name of a file')
  expect(await refused('%%writefile two words\nx')).toContain('put quotes')
})

test('a cell that cannot write its file says which', async () => {
  const { reply } = await client.execute('%%writefile data/none/there.txt\nx')
  expect(reply.content).toMatchObject({ status: 'error' })
  expect(reply.content['evalue']).toContain(join(folder, 'data/none/there.txt'))
})

test('a pipe, a device or a binary file holds nothing up', async () => {
  execFileSync('mkfifo', [join(folder, 'pipe')])
  writeFileSync(join(folder, 'binary'), 'a\0b')
  for (const code of [
    '%load pipe',
    '%%writefile pipe\nx',
    '%%writefile -a pipe\nx',
    '%load /dev/zero',
  ])
    expect(await refused(code)).toContain('is a pipe, a socket or a device')
  expect(await refused('%load binary')).toContain('contains no text')
})

test('%load puts a file in place of its cell', async () => {
  const { reply } = await client.execute('%load data/notes.ts')
  expect(reply.content['payload']).toEqual([
    {
      source: 'set_next_input',
      text: '// %load data/notes.ts\nexport const n: number = 1\n',
      replace: true,
    },
  ])
  expect(await refused('%load nothing.ts')).toContain(
    `There is no file ${join(folder, 'nothing.ts')}`,
  )
  expect(await refused('%load data')).toContain('is a folder')
})

test.each([
  ['html', '<b>hi ${x}</b>', 'text/html'],
  ['markdown', '# $x^2$', 'text/markdown'],
  ['latex', '$x^2$', 'text/latex'],
  ['svg', '<svg xmlns="http://www.w3.org/2000/svg"/>', 'image/svg+xml'],
  ['javascript', 'element.append(`${1}`)', 'application/javascript'],
])('%%%s shows its body %j as %s', async (name, body, mimetype) => {
  const answer = await client.execute(`%%${name}\n${body}\n`)
  expect(answer.reply.content).toMatchObject({ status: 'ok' })
  expect(bundles(answer)).toEqual([{ 'text/plain': body, [mimetype]: body }])
  expect(await refused(`%%${name} more\n${body}`)).toContain(`%%${name} takes nothing`)
})

test('what a cell shows as it is, or its script prints, is posted by %%post above it', async () => {
  const html = await client.execute('%%post --preview lab\n%%markdown\n# seen')
  expect(JSON.stringify(bundles(html).at(-1))).toContain('# seen')
  const script = await client.execute('%%post --preview lab\n%%sh\necho printed')
  expect(textOf(script)).toBe('printed\n')
  expect(JSON.stringify(bundles(script).at(-1))).toContain('printed')
})

test('%%sh and %%bash run the body as a script, with arguments, in folder and environment', async () => {
  expect(await shown('%cd data\nprocess.env.WHO = "me"')).toBe(`${join(folder, 'data')}\n`)
  expect(await shown('%%sh\npwd\necho "${WHO}" $0')).toMatch(/data\nme /)
  expect(
    await shown(
      '%%bash a \'b c\'\nfor one in "$@"; do\n  echo "<$one>"\ndone\n[[ 1 == 1 ]] && echo bash',
    ),
  ).toBe('<a>\n<b c>\nbash\n')
  await client.execute('%cd -')
  const { reply } = await client.execute('%%sh\nexit 3')
  expect(reply.content).toMatchObject({
    ename: 'ShellError',
    evalue: '`%%sh` ended with exit code 3',
  })
})

test('text of a script is shown as it comes, and an interrupt ends it', async () => {
  const id = await client.send('execute_request', { code: '%%bash\necho began\nsleep 60' })
  await client.until(
    ({ parent, content }) => parent['msg_id'] === id && content['text'] === 'began\n',
  )
  await client.ask('interrupt_request', {}, 'control')
  const { reply } = await client.answer(id)
  expect(reply.content).toMatchObject({ status: 'error', ename: 'KeyboardInterrupt' })
})

test.each([
  ['%cd da', ['data/']],
  ['%cd data/', ['data/more/']],
  ['%load data/n', ['data/notes.ts']],
  ['%%writefile data/no', ['data/notes.ts']],
  ['%env SERVICE_', ['SERVICE_TOKEN']],
  ['! cat data/no', ['data/notes.ts']],
  ['%sh cat data/no', ['data/notes.ts']],
  ['%his', ['history']],
  ['%timeit --lo', ['--loops']],
  ['%time process.stdo', ['stdout']],
  ['%history --u', ['--unique']],
  ['%%writefile --ap', ['--append']],
  // Names with blanks are in quotes, as the magics read them.
  ['%cd My', ['"My data/']],
  ['%cd "My data/', ['"My data/in/']],
  ["%cd 'My", ["'My data/"]],
  ['%load "My data/a', ['"My data/a b.ts"']],
  ['%run "My data/a', ['"My data/a b.ts"']],
  ['%%writefile -a "My data/a', ['"My data/a b.ts"']],
  ['! cat "My data/a', ['"My data/a b.ts"']],
  ['%cd ~', ['~/']],
  ['%reset -', ['--force']],
  ['%history -', ['--numbers', '--output', '--last', '--grep', '--unique']],
  ['%%timeit -q', []],
  ['%%timeit --q', ['--quiet']],
  ['%post @', ['@me']],
])('%s is completed by %j', async (code, matches) => {
  mkdirSync(join(folder, 'My data/in'), { recursive: true })
  writeFileSync(join(folder, 'My data/a b.ts'), 'const loaded = 1\n')
  await client.execute('%pwd')
  expect(await completed(code)).toEqual(matches)
})

test('a folder as Tab leaves it, with its quote open, is gone to', async () => {
  mkdirSync(join(folder, 'My data/in'), { recursive: true })
  expect(await shown('%cd "My data/')).toBe(`${join(folder, 'My data')}\n`)
  await client.execute(`%cd ${folder}`)
})
