// What a reply asks of the front end besides outputs: a pager, and a text for the next cell.
import { expect, test } from '@jest/globals'
import { abuse } from './helpers/abuse.ts'
import { typesOf } from './helpers/client.ts'

const all = abuse()

test('`name?` opens the pager, `name??` with the source; nothing is shown and nothing runs', async () => {
  await all.client.execute('function double(n: number) { return n * 2 }')
  for (const [code, expected] of [
    ['double?', /double\(n\)/],
    ['?Math.floor', /floor/],
    ['double??', /return n \* 2/],
  ] as const) {
    const { reply, iopub } = await all.client.execute(code)
    expect(typesOf(iopub)).toEqual(['busy', 'execute_input', 'idle'])
    expect(reply.content['payload']).toEqual([
      { source: 'page', start: 0, data: { 'text/plain': expect.stringMatching(expected) } },
    ])
  }
})

test('a name that is not there is no error', async () => {
  const { reply, iopub } = await all.client.execute('nobody?')
  expect(reply.content).toMatchObject({ status: 'ok', payload: [] })
  expect(iopub[2]?.content['data']).toEqual({ 'text/plain': '`nobody` is not defined.' })
})

test('a console runs `name?` at once', async () => {
  const { reply } = await all.client.ask('is_complete_request', { code: 'Math.floor?' })
  expect(reply.content).toEqual({ status: 'complete' })
})

test('a cell offers a text for the next cell, or for its own place', async () => {
  const { reply } = await all.client.execute(
    "cell.setNextInput('next'); await cell.setNextInput('mine', { replace: true })",
  )
  expect(reply.content['payload']).toEqual([
    { source: 'set_next_input', text: 'next', replace: false },
    { source: 'set_next_input', text: 'mine', replace: true },
  ])
})

test('a text that is none, or that comes after the end of the cell, is an error of the cell', async () => {
  const { reply } = await all.client.execute('await cell.setNextInput(7 as never)')
  expect(reply.content).toMatchObject({ status: 'error', ename: 'TypeError' })
  expect(reply.content['payload']).toBeUndefined()
  const id = await all.client.send('execute_request', {
    code: "setTimeout(() => cell.setNextInput('late'), 50); 1",
  })
  const error = await all.client.until(
    ({ header, parent }) => header.msg_type === 'error' && parent['msg_id'] === id,
  )
  expect(error.content['evalue']).toContain('the cell has ended')
})
