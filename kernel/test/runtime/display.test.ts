// display() and all else that a cell shows besides its value: updates, comms, user expressions.
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { TestRuntime } from '../helpers/runtime.ts'

let notebook: TestRuntime
beforeAll(() => {
  notebook = new TestRuntime()
})
afterAll(() => notebook.close())

test('the cell ends after what it displays, and fails with it', async () => {
  const outcome = await notebook.run(`
    display(new Promise((resolve) => setTimeout(() => resolve(new Map([[1, 2]])), 20))).update('then')
    display(new Blob([new Uint8Array([0xff, 0xd8, 0xff])]))
    0;;`)
  expect(outcome).toEqual({ status: 'ok' })
  const shown = notebook.outputs.filter((output) => output.cellId === notebook.cellId)
  expect(shown).toMatchObject([
    { type: 'display_data', content: { data: { 'image/jpeg': '/9j/' } } },
    { type: 'display_data', content: { data: { 'text/plain': 'Map(1) { 1 => 2 }' } } },
    { type: 'update_display_data', content: { data: { 'text/plain': "'then'" } } },
  ])
  expect(await notebook.run("display(Promise.reject(new Error('no chart'))); 0;;")).toMatchObject({
    status: 'error',
    error: { evalue: 'no chart' },
  })
})

test('display shows, updates and clears by its id; a handle as last value shows nothing more', async () => {
  await notebook.run(
    "const h = display.html('<i>1</i>'); h.update({ 'text/html': '<i>2</i>' }); h.clear(); clearOutput({ wait: true }); clearOutput(true); clearOutput(); display(1, { id: 'mine' })",
  )
  const shown = notebook.outputs.filter((output) => output.cellId === notebook.cellId)
  expect(shown).toMatchObject([
    {
      type: 'display_data',
      content: { data: { 'text/html': '<i>1</i>', 'text/plain': '<i>1</i>' } },
    },
    { type: 'update_display_data', content: { data: { 'text/html': '<i>2</i>' } } },
    { type: 'update_display_data', content: { data: { 'text/plain': '' } } },
    { type: 'clear_output', wait: true },
    { type: 'clear_output', wait: true },
    { type: 'clear_output', wait: false },
    { type: 'display_data', content: { transient: { display_id: 'mine' } } },
  ])
})

test('display shows each of its values; what follows them may be options', async () => {
  await notebook.run(
    "display(1, 'two', { three: 3 }, { raw: 'is no option' }); display(4, 5, { metadata: { a: 1 } })",
  )
  const shown = notebook.outputs.filter((output) => output.cellId === notebook.cellId)
  expect(
    shown.map((output) =>
      output.type === 'display_data' ? output.content.data['text/plain'] : output.type,
    ),
  ).toEqual(['1', "'two'", '{ three: 3 }', "{ raw: 'is no option' }", '4', '5'])
  expect(shown.at(-2)).toMatchObject({ content: { metadata: { a: 1 } } })
  await notebook.run('display(6, undefined); display(7, 8, undefined)')
  const more = notebook.outputs.filter((output) => output.cellId === notebook.cellId)
  expect(
    more.map((output) => output.type === 'display_data' && output.content.data['text/plain']),
  ).toEqual(['6', '7', '8', 'undefined'])
})

test('display takes display_id and update, as other kernels do', async () => {
  await notebook.run(
    "display('a', { display_id: 'mine' }); display('b', { display_id: 'mine', update: true }); display('c', { display_id: true }); display('d', { id: 'mine', update: true })",
  )
  const shown = notebook.outputs.filter((output) => output.cellId === notebook.cellId)
  const mine = { transient: { display_id: 'mine' } }
  expect(shown).toMatchObject([
    { type: 'display_data', content: { data: { 'text/plain': "'a'" }, ...mine } },
    { type: 'update_display_data', content: { data: { 'text/plain': "'b'" }, ...mine } },
    {
      type: 'display_data',
      content: { transient: { display_id: expect.stringMatching(/^[\da-f-]{36}$/) } },
    },
    { type: 'update_display_data', content: { data: { 'text/plain': "'d'" }, ...mine } },
  ])
  expect(await notebook.run('display(1, { update: true })')).toMatchObject({
    error: { ename: 'TypeError', evalue: expect.stringContaining('display_id') },
  })
})

test('console.clear clears the output of the cell, and of no terminal', async () => {
  await notebook.run("console.log('before'); console.clear(); console.log('after')")
  const shown = notebook.outputs.filter((output) => output.cellId === notebook.cellId)
  expect(shown).toMatchObject([
    { type: 'stream', text: 'before\n' },
    { type: 'clear_output', wait: false },
    { type: 'stream', text: 'after\n' },
  ])
})

test('a page of HTML is shown once: its text names it', async () => {
  await notebook.run(
    "display.html('<p>' + 'x'.repeat(20_000)); display.markdown('y'.repeat(20_000)); 0;;",
  )
  const shown = notebook.outputs.filter((output) => output.cellId === notebook.cellId)
  expect(shown).toMatchObject([
    { content: { data: { 'text/plain': '[text/html]' } } },
    { content: { data: { 'text/plain': 'y'.repeat(20_000) } } },
  ])
})

test('user expressions are evaluated to bundles or errors', async () => {
  await notebook.run('const seven = 7')
  expect(await notebook.runtime.evaluate(notebook.compile('seven'), 'id')).toMatchObject({
    status: 'ok',
    data: { 'text/plain': '7' },
  })
  expect(await notebook.runtime.evaluate(notebook.compile('nowhere'), 'id')).toMatchObject({
    status: 'error',
    ename: 'ReferenceError',
  })
})

test('a comm is opened from both sides and carries data and buffers', async () => {
  await notebook.run(`
    comm.register('echo', (opened) => opened.onMessage(({ data, buffers }) => opened.send({ back: data.x }, { buffers })))`)
  const message = { cellId: notebook.cellId, metadata: {}, buffers: [] as Uint8Array[] }
  await notebook.runtime.comm('comm_open', {
    ...message,
    content: { comm_id: 'c', target_name: 'echo', data: {} },
  })
  await notebook.runtime.comm('comm_msg', {
    ...message,
    content: { comm_id: 'c', data: { x: 5 } },
    buffers: [new Uint8Array([1, 2])],
  })
  await notebook.runtime.comm('comm_open', {
    ...message,
    content: { comm_id: 'd', target_name: 'unknown', data: {} },
  })
  const comms = notebook.outputs.filter((output) => output.type === 'comm')
  expect(comms).toMatchObject([
    { msgType: 'comm_msg', content: { comm_id: 'c', data: { back: 5 } } },
    { msgType: 'comm_close', content: { comm_id: 'd' } },
  ])
  expect([...(comms[0]?.buffers[0] ?? [])]).toEqual([1, 2])
})
