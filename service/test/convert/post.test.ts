// Each kind of output as it arrives on Mattermost: exact texts and files, from the real converter
// and the stand-in server.
import { readFileSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals'
import sharp from 'sharp'

import { DEFAULT_LIMITS } from '../../../post/contract/schema.ts'
import type { Block, PostFile } from '../../../post/contract/schema.ts'
import type { ChatService, Destination } from '../../chat/chat.ts'
import { Mattermost } from '../../chat/mattermost/index.ts'
import { Converter } from '../../convert/converter.ts'
import type { Conversions } from '../../convert/converter.ts'
import { converting } from '../../convert/converting.ts'
import type { WithoutHtml } from '../../convert/converting.ts'
import type { Job } from '../../convert/jobs.ts'
import { ShownStore } from '../../convert/shown-store.ts'
import { readContent } from '../../offload/content.ts'
import { Blobs } from '../../storage/blobs.ts'
import { SCHEMA } from '../../schema.ts'
import { Database } from '../../storage/database.ts'
import { wholly } from '../helpers/batches.ts'
import { ALICE, deliveryTo, MemoryCheckpoint, MemoryLinks } from '../helpers/delivery.ts'
import { MattermostServer } from '../helpers/mattermost.ts'
import { gif, ink, look, plain, pngBomb, svg } from '../helpers/pictures.ts'

const SIGNAL = new AbortController().signal
const VEGA = 'application/vnd.vegalite.v5+json'

let converter: Converter
let jobs: Job['kind'][]
let server: MattermostServer
let db: Database
let shown: ShownStore
let chat: ChatService
let lab: Destination

beforeAll(() => {
  converter = new Converter()
})
afterAll(() => converter.close())

beforeEach(async () => {
  server = await MattermostServer.start()
  server.addUser('alice')
  server.addChannel('lab', ['alice', 'jupyterpost'])
  db = new Database(':memory:', SCHEMA)
  shown = new ShownStore(db, new Blobs(db))
  jobs = []
  chat = connect()
  lab = await chat.resolve({ kind: 'channel', name: 'lab' }, ALICE, SIGNAL)
})

afterEach(async () => {
  await chat.close()
  await server.close()
  db.close()
})

function connect(): ChatService {
  const counted: Conversions = {
    run: async (job, signal, account) => {
      jobs.push(job.kind)
      return converter.run(job, signal, account)
    },
  }
  const mattermost = new Mattermost({
    url: server.url,
    token: server.token,
    team: server.team,
    identity: { kind: 'same-name', names: {}, links: new MemoryLinks() },
  })
  return converting(mattermost, { conversions: counted, withoutHtml, shown })
}

/** For posts that an older relay stored, which did not read HTML when a post comes. */
const withoutHtml: WithoutHtml = async (read) =>
  readContent({ ...read, limits: { ...DEFAULT_LIMITS }, masked: false })

interface Arrived {
  text: string
  files: Array<{ name: string; bytes: Uint8Array }>
}

/** The channel's content after one post, without the first line. */
async function post(blocks: Block[], files: PostFile[] = []): Promise<Arrived> {
  await chat.deliver(deliveryTo(lab, { blocks, files }), new MemoryCheckpoint(), SIGNAL)
  const messages = server.messages(lab.lane)
  return {
    text: messages
      .map(({ message }) => message.replace(/^\*\*alice\*\* · via jupyterpost\n*/, ''))
      .join('\n'),
    files: messages.flatMap(({ file_ids: ids }) =>
      (ids ?? []).flatMap((id) => {
        const file = server.state.files.get(id)
        return file ? [{ name: file.name, bytes: file.bytes }] : []
      }),
    ),
  }
}

const file = (name: string, mimetype: string, bytes: Uint8Array | string): PostFile => ({
  name,
  mimetype,
  bytes: Buffer.from(bytes),
})
const image = (index: number, alt?: string): Block => ({
  type: 'image',
  file: index,
  ...(alt !== undefined && { alt }),
})

const FIGURE = readFileSync(new URL('../fixtures/matplotlib.pdf', import.meta.url))
const RED = svg('<rect width="40" height="20" fill="#ff0000"/>')
const BARS = {
  $schema: 'https://vega.github.io/schema/vega-lite/v5.json',
  data: { values: [{ a: 'A', b: 28 }] },
  mark: 'bar',
  encoding: { x: { field: 'a' }, y: { field: 'b', type: 'quantitative' } },
}
const spec = (change: object) => JSON.stringify({ ...BARS, ...change })

interface Row {
  what: string
  blocks: Block[]
  files?: () => PostFile[] | Promise<PostFile[]>
  text: string
  names: string[]
}

const TABLE: Row[] = [
  {
    what: 'a PNG',
    blocks: [image(0)],
    files: async () => [
      file('output-1.png', 'image/png', await plain(8, 8, 'red').png().toBuffer()),
    ],
    text: '',
    names: ['output-1.png'],
  },
  {
    what: 'an SVG, whatever the sender calls it',
    blocks: [image(0, 'Figure')],
    files: () => [file('output-1.svg', 'text/plain', RED)],
    text: '',
    names: ['output-1.png'],
  },
  {
    what: 'an SVG as an attached file',
    blocks: [
      { type: 'message', text: 'see' },
      { type: 'file', file: 0 },
    ],
    files: () => [file('drawing.svg', 'image/svg+xml', `<?xml version="1.0"?>\n<!-- x -->${RED}`)],
    text: 'see',
    names: ['drawing.png'],
  },
  {
    what: 'an SVG that no block names',
    blocks: [{ type: 'message', text: 'see' }],
    files: () => [file('drawing.svg', 'image/svg+xml', RED)],
    text: 'see',
    names: ['drawing.png'],
  },
  {
    what: 'an SVG with a script',
    blocks: [image(0)],
    files: () => [file('output-1.svg', 'image/svg+xml', svg('<script>x</script>'))],
    text: '*output-1.png: without its scripts*',
    names: ['output-1.png'],
  },
  {
    what: 'an SVG that is broken',
    blocks: [image(0, 'Plot with 3 marks')],
    files: () => [file('output-1.svg', 'image/svg+xml', '<svg><rect')],
    text: '```\nPlot with 3 marks\n```\n\n*Drawing output-1.svg is not shown: it is no valid SVG (1:10: unclosed tag: svg); see the notebook*',
    names: [],
  },
  {
    what: 'a figure that is PDF',
    blocks: [image(0, '<Figure size 200x200 with 1 Axes>')],
    files: () => [file('output-1.pdf', 'application/pdf', FIGURE)],
    text: '',
    names: ['output-1.png'],
  },
  {
    what: 'a PDF that is broken, with its true type',
    blocks: [image(0, '<Figure size 200x200 with 1 Axes>')],
    files: () => [file('output-1.pdf', 'application/pdf', '%PDF-1.7')],
    text: '*output-1.pdf is attached and not drawn: it is broken, or has a password*',
    names: ['output-1.pdf'],
  },
  {
    what: 'a PDF that a person attached',
    blocks: [{ type: 'file', file: 0 }],
    files: () => [file('thesis.pdf', 'application/pdf', FIGURE)],
    text: '',
    names: ['thesis.pdf'],
  },
  {
    what: 'a Vega-Lite plot',
    blocks: [image(0)],
    files: () => [file('output-1.vl.json', VEGA, spec({}))],
    text: '',
    names: ['output-1.png'],
  },
  {
    what: 'a Vega-Lite plot with remote data',
    blocks: [image(0, '<VegaLite object>'), { type: 'text', text: 'after', stream: 'stdout' }],
    files: () => [file('output-1.vl.json', VEGA, spec({ data: { url: 'https://a.org/b.csv' } }))],
    text: '*Plot output-1.vl.json is not shown: its data is at a.org; see the notebook*\n\n```\nafter\n```',
    names: [],
  },
  {
    what: 'a plot in the HTML of Altair',
    blocks: [
      {
        type: 'html',
        html: `<div id="vis"></div><script>(function(spec, embedOpt){ show(spec) })(${spec({})}, {"mode": "vega-lite"});</script>`,
        text: 'alt.Chart(...)',
      },
    ],
    text: '',
    names: ['plot-1.png'],
  },
  {
    what: 'a plot of a version that is not drawn yet',
    blocks: [image(0, '<VegaLite 7 object>')],
    files: () => [
      file(
        'output-1.vl.json',
        VEGA,
        spec({ $schema: `https://vega.github.io/schema/vega-lite/v7.json` }),
      ),
    ],
    text: '*output-1.vl.json is attached as a plain file: it is a Vega-Lite 7 chart, which this relay cannot draw yet*',
    names: ['output-1.vl.json'],
  },
  {
    what: 'formulas, good and bad',
    blocks: [
      { type: 'latex', text: '$$\\frac{1}{2}$$' },
      { type: 'latex', text: '\\frac{1' },
    ],
    text: '*formula-1.png*\n\n```\n\\frac{1\n```',
    names: ['formula-1.png'],
  },
  {
    what: 'HTML with a table and a drawing',
    blocks: [
      {
        type: 'html',
        html: `<p>a <b>b</b></p><table><tr><th>x</th></tr><tr><td>1</td></tr></table>${RED}<p>@all</p>`,
        text: 'html',
      },
    ],
    text: 'a **b**\n\n| x |\n| --: |\n| 1 |\n\n*drawing-1.png*\n\n@\u200ball',
    names: ['drawing-1.png'],
  },
  {
    what: 'HTML that nests too deeply for its reader',
    blocks: [{ type: 'html', html: `${'<div>'.repeat(90_000)}<b>deep</b>`, text: '' }],
    text: '*HTML left out: it nests more than 500 levels; see the notebook*',
    names: [],
  },
  {
    what: 'HTML with many elements beside each other',
    blocks: [
      { type: 'html', html: `<ul>${'<li>x'.repeat(3)}</ul>${'<br>'.repeat(600)}`, text: '' },
    ],
    text: '-   x\n-   x\n-   x',
    names: [],
  },
  {
    what: 'HTML that shows nothing',
    blocks: [{ type: 'html', html: '<script>draw()</script>', text: 'Widget' }],
    text: '```\nWidget\n```',
    names: [],
  },
  {
    what: 'an animation',
    blocks: [image(0)],
    files: async () => [file('output-1.gif', 'image/gif', await gif(3))],
    text: '',
    names: ['output-1.gif'],
  },
  {
    what: 'a broken PNG',
    blocks: [image(0)],
    files: () => [file('output-1.png', 'image/png', pngBomb(50, 50).subarray(0, 60))],
    text: '*output-1.png is attached as a plain file: it is broken*',
    names: ['output-1.png'],
  },
  {
    what: 'a pixel bomb between two pictures',
    blocks: [image(0), image(1), image(2)],
    files: async () => {
      const [one, two] = await Promise.all(
        ['red', 'blue'].map((c) => plain(8, 8, c).png().toBuffer()),
      )
      return [
        file('output-1.png', 'image/png', one ?? ''),
        file('output-2.png', 'image/png', pngBomb(50_000, 50_000)),
        file('output-3.png', 'image/png', two ?? ''),
      ]
    },
    text: '*output-2.png is left out: 50000 × 50000 pixels, the relay opens up to 100 million*',
    names: ['output-1.png', 'output-3.png'],
  },
  {
    what: 'a picture too large for Mattermost',
    blocks: [image(0)],
    files: async () => [
      file('output-1.png', 'image/png', await plain(7000, 4000, 'red').png().toBuffer()),
    ],
    text: '*output-1.png: scaled from 7000 × 4000 to 6526 × 3729 pixels*',
    names: ['output-1.png'],
  },
]

test.each(TABLE)('$what', async ({ blocks, files, text, names }) => {
  const arrived = await post(blocks, await files?.())
  expect(arrived.text).toBe(text)
  expect(arrived.files.map(({ name }) => name)).toEqual(names)
})

test('what arrives is the picture', async () => {
  const files = [file('output-1.svg', 'image/svg+xml', RED), file('p.vl.json', VEGA, spec({}))]
  const arrived = await post([image(0), image(1), { type: 'latex', text: '$x^2$' }], files)
  const [drawing, bars, formula] = arrived.files
  expect(await look(drawing?.bytes ?? RED_FAILS, [40, 20])).toEqual({
    size: [80, 40],
    colours: ['255,0,0'],
  })
  expect(await ink(bars?.bytes ?? RED_FAILS)).toBeGreaterThan(0.01)
  expect(await ink(formula?.bytes ?? RED_FAILS)).toBeGreaterThan(0.01)
  expect((await sharp(formula?.bytes).metadata()).format).toBe('png')
})
const RED_FAILS = new Uint8Array()

test('formulas stay formulas where the chat renders them, as is known before the first post', async () => {
  server.state.config.EnableLatex = 'true'
  chat = connect()
  const arrived = await post([{ type: 'latex', text: '$x$' }])
  expect(arrived).toEqual({ text: '```latex\nx\n```', files: [] })
})

/** Text of the messages, and names of the files, where the server renders LaTeX. */
async function withLatex(
  blocks: Block[],
  config: Record<string, string> = {},
): Promise<{ text: string; names: string[] }> {
  Object.assign(server.state.config, { EnableLatex: 'true', ...config })
  chat = connect()
  const arrived = await post(blocks)
  return { text: arrived.text, names: arrived.files.map(({ name }) => name) }
}

const latex = (text: string, macros?: string): Block => {
  return { type: 'latex', text, ...(macros === undefined ? {} : { macros }) }
}

test.each<{ what: string; blocks: Block[]; text: string; names?: string[] }>([
  {
    what: 'text around a formula is text',
    blocks: [latex('The *area* is $\\pi r^2$ and $5 is not')],
    text: 'The \\*area\\* is πr² and $5 is not',
  },
  {
    what: 'a formula that has no place in a line is on its own',
    blocks: [latex('So $\\frac{a}{b}$ @all $$c$$ is it')],
    text: 'So\n\n```latex\n\\frac{a}{b}\n```\n\n@\u200ball\n\n```latex\nc\n```\n\nis it',
  },
  {
    what: 'dollars in the text of a formula',
    blocks: [latex('$\\text{if $x>0$ for \\$5}$')],
    text: '```latex\n\\text{if $x>0$ for \\$5}\n```',
  },
  {
    what: 'lines that old KaTeX has another name for',
    blocks: [latex('\\begin{align}a&=b\\\\c&=d\\end{align}')],
    text: '```latex\n\\begin{aligned}a&=b\\\\c&=d\\end{aligned}\n```',
  },
  {
    what: 'what only MathJax reads is a picture',
    blocks: [
      latex('\\begin{eqnarray}a&=&b\\label{eq:1}\\end{eqnarray}'),
      latex('$$x\\label{eq:1}$$'),
      latex('\\bbox[yellow]{x}'),
    ],
    text: '',
    names: ['formula-1.png', 'formula-2.png', 'formula-3.png'],
  },
  {
    what: 'what neither reads is code, and what asks for trust too',
    blocks: [latex('$\\nosuch{x}$'), latex('\\href{https://a.org}{x}')],
    text: '```\n\\nosuch{x}\n```\n\n```\n\\href{https://a.org}{x}\n```',
  },
  {
    what: 'definitions of the post and of the notebook, and those only where they are needed',
    blocks: [
      latex('$\\newcommand{\\R}{\\mathbb{R}}\\DeclareMathOperator{\\rk}{rank}$'),
      latex('$x \\in \\R$'),
      latex('$\\rk A = \\n$', '\\def\\n{7}'),
      latex('$y$'),
    ],
    text: [
      '\\def\\R{\\mathbb{R}}x \\in \\R',
      '\\def\\rk{\\operatorname{rank}}\\def\\n{7}\\rk A = \\n',
      'y',
    ]
      .map((tex) => `\`\`\`latex\n${tex}\n\`\`\``)
      .join('\n\n'),
  },
  {
    what: 'macros without end are code',
    blocks: [
      latex('\\def\\a{\\a\\a}\\a'),
      latex('\\def\\x#1{\\x{#1#1}}\\x{y}'),
      latex('\\b', `\\def\\b{\\c\\c}\\def\\c{${'\\b'.repeat(50)}}`),
    ],
    text: ['\\a', '\\x{y}', '\\b'].map((tex) => `\`\`\`\n${tex}\n\`\`\``).join('\n\n'),
  },
  {
    what: 'formulas in the lines of markdown, but not in its code, and prices',
    blocks: [
      {
        type: 'markdown',
        text: 'so $x^2$, $\\frac{a}{b}$, `$y$`, $5 and $6\n\n```\n$z$\n```\n\n$\\R$',
        macros: '\\def\\R{\\mathbb{R}}',
      },
    ],
    text: 'so x², `\\frac{a}{b}`, `$y$`, $5 and $6\n\n```\n$z$\n```\n\n`\\R`',
  },
])('LaTeX where the server renders it: $what', async ({ blocks, text, names = [] }) => {
  expect(await withLatex(blocks)).toEqual({ text, names })
})

test('formulas beyond a size are not looked for, so that no post holds up the relay', async () => {
  const long = 'x '.repeat(30_000).trim()
  const price = { type: 'markdown' as const, text: `$y$ ${'z'.repeat(90_000)}` }
  const { text } = await withLatex([latex(`$${long}$`), price, latex('$c$')])
  expect(text).toContain('$y$ zzz')
  expect(jobs).toEqual(['formulas', 'tex'])
})

test('formulas stay in their lines where the server renders them there', async () => {
  const blocks: Block[] = [
    latex('Area $\\frac{a}{b}$, $\\text{if $x$}$ and $z\\label{z}$'),
    { type: 'markdown', text: 'so $x$, $\\R$ and $\\nosuch$', macros: '\\def\\R{r}' },
  ]
  const { text, names } = await withLatex(blocks, { EnableInlineLatex: 'true' })
  expect(text).toBe(
    'Area $\\frac{a}{b}$,\n\n```latex\n\\text{if $x$}\n```\n\nand\n\n*formula-1.png*\n\nso $x$, $\\def\\R{r}\\R$ and `\\nosuch`',
  )
  expect(names).toEqual(['formula-1.png'])
})

test('a post of text and files is not touched', async () => {
  const files = [file('data.csv', 'text/plain', 'a,b'), file('spec.json', 'text/plain', spec({}))]
  await post(
    [
      { type: 'text', text: 'x', stream: 'stdout' },
      { type: 'file', file: 1 },
    ],
    files,
  )
  expect(jobs).toEqual([])
})

test('a retry converts nothing again and sends the same bytes', async () => {
  const files = [file('output-1.svg', 'image/svg+xml', RED)]
  const delivery = deliveryTo(lab, { blocks: [image(0)], files })
  server.fail('POST', /^\/files/, { kind: 'answer', status: 500, body: '{}' })
  await expect(chat.deliver(delivery, new MemoryCheckpoint(), SIGNAL)).rejects.toThrow()
  expect(jobs).toEqual(['svg'])
  // As after a restart of the relay: only the database is the same.
  chat = connect()
  await chat.deliver({ ...delivery, attempt: 2 }, new MemoryCheckpoint(), SIGNAL)
  expect(jobs).toEqual(['svg'])
  const [first, second] = server.sent('POST', /^\/files/).map(({ body }) => body.length)
  expect(second).toBe(first)
  expect(shown.read(delivery.id)).toMatchObject({
    blocks: [image(0)],
    files: [{ name: 'output-1.png', mimetype: 'image/png' }],
  })
})

test('an edit is converted too, and knows the files that are there', async () => {
  const files = [file('output-1.svg', 'image/svg+xml', RED)]
  const delivery = deliveryTo(lab, { blocks: [{ type: 'message', text: 'one' }, image(0)], files })
  const delivered = await chat.deliver(delivery, new MemoryCheckpoint(), SIGNAL)
  const { attempt: _, ...rest } = delivery
  const edit = {
    ...rest,
    blocks: [{ type: 'message' as const, text: 'two' }, image(0)],
    version: 1,
    delivered,
    deliveredFiles: [],
  }
  await chat.edit(edit, new MemoryCheckpoint(), SIGNAL)
  expect(server.sent('POST', /^\/files/)).toHaveLength(1)
  expect(server.messages(lab.lane).map(({ message }) => message)).toEqual([
    '**alice** · via jupyterpost\n\ntwo',
  ])
})

test('what is forgotten by the outbox is forgotten here', async () => {
  const files = [file('output-1.svg', 'image/svg+xml', RED)]
  const delivery = deliveryTo(lab, { blocks: [image(0)], files })
  await chat.deliver(delivery, new MemoryCheckpoint(), SIGNAL)
  await wholly(shown.orphans(() => []))
  expect(shown.has(delivery.id)).toBe(true)
  await wholly(shown.orphans((posts) => [...posts]))
  expect(shown.read(delivery.id)).toBeUndefined()
  expect(db.get('SELECT count(*) AS n FROM blob')).toEqual({ n: 0 })
})
