import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { expect, test } from '@jest/globals'
import FormData from 'form-data'
import { formBody } from '../../relay/form-body.ts'
import { within } from '../../../test/helpers/until.ts'

test('a pipeline, as in node-fetch, sees the end of a form of bytes', async () => {
  const form = new FormData()
  form.append('files', Buffer.alloc(100_000, 'x'), { filename: 'a.txt' })
  const length = form.getLengthSync()
  const sink = new PassThrough()
  const read = text(sink)
  await within(pipeline(formBody(form), sink), 'the pipeline ends')
  expect(Buffer.byteLength(await read)).toBe(length)
})
