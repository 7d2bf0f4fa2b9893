// Secrets on their way from cells of a real kernel to a stand-in relay: found by shape, by the
// environment, and by names in the notebook.
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { startStandIn } from '../../../post/test/helpers/relay.ts'
import type { StandIn } from '../../../post/test/helpers/relay.ts'
import { Client } from '../helpers/client.ts'
import { spawnKernel } from '../helpers/kernel.ts'
import type { Spawned } from '../helpers/kernel.ts'

let relay: StandIn
let kernel: Spawned
let client: Client

const TOKEN = `ghp_${'a1B2'.repeat(9)}`

beforeAll(async () => {
  relay = await startStandIn()
  kernel = await spawnKernel({
    env: {
      JUPYTERPOST_URL: relay.url,
      JUPYTERPOST_TOKEN: '0123456789abcdef0123456789abcdef',
      LAB_PASSWORD: 'of the environment',
    },
  })
  client = await new Client(kernel.connection).connect()
}, 30_000)

beforeEach(() => {
  relay.taken.length = 0
})

afterAll(async () => {
  client.close()
  await kernel.close()
  await relay.close()
})

/** The last post that arrived: manifest, names and contents of files. */
const arrived = (): string =>
  JSON.stringify(
    relay.taken.at(-1),
    (_key, value: unknown) => (Buffer.isBuffer(value) ? value.toString() : value),
    1,
  ).replace(/"authorization": .*/, '')

/** Runs a cell that must succeed. @returns What the notebook showed. */
async function run(source: string): Promise<string> {
  const { reply, iopub } = await client.execute(source)
  expect(reply.content).toMatchObject({ status: 'ok' })
  const shown = iopub.filter(({ header }) => header.msg_type !== 'execute_input')
  return JSON.stringify(shown.map(({ content }) => content))
}

test('a token that is written in chunks and torn by colours is masked, and the receipt counts it', async () => {
  const [head, tail] = [TOKEN.slice(0, 11), TOKEN.slice(11)]
  const shown = await run(
    `%%post @me\nprocess.stdout.write('\\u001b[31m${head}\\u001b[1m'); await new Promise(setImmediate); process.stdout.write('${tail}\\u001b[0m\\n'); void 0`,
  )
  expect(relay.taken[0]?.manifest.blocks).toEqual([
    { type: 'text', stream: 'stdout', text: '[masked: GitHub token]' },
  ])
  expect(shown).toContain('1 secret masked')
})

test('the token of the relay itself and other values of the environment are masked', async () => {
  await run('console.log(process.env.JUPYTERPOST_TOKEN, process.env.LAB_PASSWORD)\n%post @me')
  expect(relay.taken[0]?.manifest.blocks).toMatchObject([
    { text: '[masked: JUPYTERPOST_TOKEN] [masked: LAB_PASSWORD]' },
  ])
})

test('strings of the notebook are masked in message, source, tables, errors, JSON, SVG and file names', async () => {
  await run("const apiKey = 'correct horse'; const city = 'Karlsruhe'")
  await run('%post @me ${apiKey} in ${city}')
  expect(relay.taken[0]?.manifest.blocks).toMatchObject([{ text: '[masked: apiKey] in Karlsruhe' }])
  const { reply } = await client.execute(`%%post @me -i \${apiKey}
// correct horse
display.html(\`<table><tr><th>\${apiKey}</th></tr><tr><td>\${apiKey}</td></tr></table>\`)
display.json({ [apiKey]: apiKey })
display.svg(\`<svg xmlns="http://www.w3.org/2000/svg"><text>\${apiKey}</text></svg>\`)
throw new Error(apiKey)`)
  expect(reply.content).toMatchObject({ status: 'error', evalue: 'correct horse' })
  expect(arrived()).not.toContain('correct horse')
  expect(relay.taken.at(-1)?.manifest.blocks.map(({ type }) => type)).toContain('error')
  await run("await post('see', '@me', new File(['of correct horse'], 'correct horse.txt'))")
  expect(arrived()).not.toContain('correct horse')
  expect(relay.taken.at(-1)?.files[0]?.bytes.toString()).toBe('of [masked: apiKey]')
})

test('a string is masked in the cell that makes it, in loops, and after it was replaced', async () => {
  await run("let loopToken = 'first value of it'\n%post @me ${loopToken}")
  expect(arrived()).toContain('[masked: loopToken]')
  await run(
    "loopToken = 'second value of it'; console.log('first value of it', loopToken)\n%post @me",
  )
  expect(arrived()).toContain('[masked: loopToken] [masked: loopToken]')
})

test('what a cell loads into its environment is masked', async () => {
  await run("process.env.DOTENV_SECRET = 'from a file'\nawait post('from a file', '@me')")
  expect(relay.taken[0]?.manifest.blocks).toMatchObject([{ text: '[masked: DOTENV_SECRET]' }])
})

test('--no-mask sends it as it is, with the wish', async () => {
  await run(`%post --no-mask @me ${TOKEN}`)
  expect(relay.taken[0]?.manifest).toMatchObject({ mask: 'off', blocks: [{ text: TOKEN }] })
})

test('--preview shows what would arrive', async () => {
  const shown = await run(`%post --preview @me ${TOKEN}`)
  expect(shown).toContain('[masked: GitHub token]')
  expect(shown).not.toContain(TOKEN)
})
