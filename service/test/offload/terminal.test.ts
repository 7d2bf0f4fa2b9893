// No text of a post reaches a chat with what only a terminal understands.
import { expect, test } from '@jest/globals'

import { DEFAULT_LIMITS } from '../../../post/contract/schema.ts'
import type { Block } from '../../../post/contract/schema.ts'
import { readContent } from '../../offload/content.ts'

const ESC = '\u001b'
const LINK = `${ESC}]8;id=1;https://a.org${ESC}\\here${ESC}]8;;${ESC}\\`
/** The eight-bit form of the same sequences counts too. */
const RED = `${ESC}[31mred\u009b0m ${LINK}\u0007`
const SHOWN = 'red here'

async function read(...blocks: Block[]): Promise<Block[]> {
  return (await readContent({ blocks, files: [], limits: DEFAULT_LIMITS, masked: true })).blocks
}

test.each<[Block, Block]>([
  [
    { type: 'message', text: RED },
    { type: 'message', text: SHOWN },
  ],
  [
    { type: 'markdown', text: `# ${RED}\r\n\tx` },
    { type: 'markdown', text: `# ${SHOWN}\n\tx` },
  ],
  [
    { type: 'latex', text: `x${ESC}[0m` },
    { type: 'latex', text: 'x' },
  ],
  [
    { type: 'code', text: RED, language: 'sh' },
    { type: 'code', text: SHOWN, language: 'sh' },
  ],
  [
    { type: 'notice', text: RED },
    { type: 'notice', text: SHOWN },
  ],
  [
    { type: 'text', text: ` 1 %\r99 %\r\n${RED}` },
    { type: 'text', text: `99 %\n${SHOWN}` },
  ],
  [
    { type: 'error', name: RED, message: RED, traceback: RED },
    { type: 'error', name: SHOWN, message: SHOWN, traceback: SHOWN },
  ],
  [
    { type: 'table', columns: [RED], rows: [[RED]] },
    { type: 'table', columns: [SHOWN], rows: [[SHOWN]] },
  ],
  [
    { type: 'html', html: `<p>${RED}<pre>a\rb</pre>`, text: '' },
    { type: 'markdown', text: `${SHOWN}\n\n\`\`\`\na\nb\n\`\`\`` },
  ],
  [
    { type: 'html', html: '<p></p>', text: RED },
    { type: 'text', text: SHOWN, stream: 'result' },
  ],
  [
    { type: 'image', file: 0, alt: RED },
    { type: 'image', file: 0, alt: SHOWN },
  ],
  [
    { type: 'choices', choices: [RED], until: '2026-11-30T00:00:00Z', otherwise: RED },
    { type: 'choices', choices: [SHOWN], until: '2026-11-30T00:00:00Z', otherwise: SHOWN },
  ],
])("a terminal's codes are gone from %j", async (block, shown) => {
  expect(await read(block)).toEqual([shown])
})

test('text that a cursor would make long stays as long as it was sent', async () => {
  const sent = `${ESC}[9999Cx\n`.repeat(1000)
  const [block] = await read({ type: 'text', text: sent })
  expect(block).toEqual({ type: 'text', text: 'x\n'.repeat(1000) })
})

test('a secret that colours tear is masked', async () => {
  const text = `gh${ESC}[1mp_${'a1B2'.repeat(9)}`
  expect(await read({ type: 'message', text })).toEqual([
    { type: 'message', text: '[masked: GitHub token]' },
  ])
})

test('text without such codes is the same, in any script', async () => {
  const text = '\tα\n漢字 👩‍🔬 é'
  expect(await read({ type: 'message', text })).toEqual([{ type: 'message', text }])
})
