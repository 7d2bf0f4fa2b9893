// display() and what else a cell shows beside its value: updates, comms, user expressions.
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
    0;`)
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

test('a page of HTML is shown once: its text names it', async () => {
  await notebook.run(
    "display.html('<p>' + 'x'.repeat(20_000)); display.markdown('y'.repeat(20_000)); 0;",
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
