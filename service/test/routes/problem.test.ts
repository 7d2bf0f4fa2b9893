// What a refusal leaves in the log.
import { expect, test } from '@jest/globals'
import pino from 'pino'

import { authorized, temporaryFolder, testRelay } from '../helpers/relay.ts'

test('a refusal that the sender cannot help is a warning with its code and cause, without token and body', async () => {
  using folder = temporaryFolder()
  const lines: string[] = []
  await using relay = await testRelay(
    {
      ...folder.env,
      JUPYTERHUB_SERVICE_NAME: 'jupyterpost',
      JUPYTERHUB_SERVICE_URL: 'http://127.0.0.1:0',
      JUPYTERHUB_API_URL: 'http://127.0.0.1:9/hub/api',
      JUPYTERPOST_DATABASE: `${folder.path}/relay.sqlite`,
    },
    { log: pino({ level: 'info' }, { write: (line: string) => lines.push(line) }) },
  )
  for (const path of ['', 'api/v1/posts']) {
    const answer = await fetch(new URL(path, relay.url), {
      method: 'POST',
      headers: authorized('secret-token'),
      body: new URLSearchParams({ channel: '@me', message: 'private words' }),
    })
    expect(answer.status).toBe(503)
  }
  const warnings = lines.flatMap((line): unknown[] => {
    const entry: unknown = JSON.parse(line)
    return line.includes('"level":40') ? [entry] : []
  })
  const expected = {
    code: 'hub_away',
    detail: expect.stringMatching(/^The Hub at http:\S+ refuses connections: .*JUPYTERHUB_API_URL/),
    cause: expect.any(String),
  }
  expect(warnings).toEqual([expect.objectContaining(expected), expect.objectContaining(expected)])
  expect(lines.join('')).not.toMatch(/secret-token|private words/)
})
