// What helps for each of npm's error codes that no stand-in of the other tests causes: its JSON as
// the real npm 11 wrote it.
import { expect, test } from '@jest/globals'
import { explained } from '../../src/magics/npm/explain.ts'

const project = {
  folder: '/home/ada/sea',
  file: '/home/ada/sea/package.json',
  undo: () => undefined,
}

function explain(
  code: string | number,
  summary: string,
  detail = '',
  stderr = '',
): Promise<string> {
  return explained(
    {
      manager: 'npm',
      wish: { command: 'add', packages: ['d3'] },
      project,
      failure: 'ended with exit code 1',
      answer: code === '' ? {} : { error: { code, summary, detail } },
      stdout: '',
      stderr,
    },
    { NPM_TOKEN: 'word-of-ada-1' },
  )
}

test.each([
  [
    'ENOSPC',
    'ENOSPC: no space left on device, write',
    /^The disk is full \(ENOSPC\).*\n`! npm cache clean --force`/,
  ],
  [
    'EACCES',
    "Error: EACCES: permission denied, mkdir '/home/ada/sea/node_modules'",
    /^Files may not be written \(EACCES\).*\/node_modules'\n.*--here makes/,
  ],
  ['EROFS', 'EROFS: read-only file system', /^Files may not be written \(EROFS\)/],
  [
    'ENOTFOUND',
    'request to https://registry.npmjs.org/d3 failed, reason: getaddrinfo ENOTFOUND',
    /^The registry cannot be reached \(ENOTFOUND\).*\nCheck the network/,
  ],
  [
    'SELF_SIGNED_CERT_IN_CHAIN',
    'self-signed certificate in certificate chain',
    /certificate is not trusted.*\n.*`cafile`/,
  ],
  ['EBADENGINE', 'Unsupported engine', /^The package is not made for this Node \(v\d/],
  ['EINVALIDTAGNAME', 'Invalid tag name "x y"', /^npm does not know such a package/],
  ['ENEEDAUTH', 'need auth', /^The registry does not let you in \(ENEEDAUTH\)/],
  ['E503', '503 Service Unavailable', /^The registry has an error of its own \(E503\)/],
  ['EUNKNOWN', 'something else', /^npm ended with exit code 1 \(EUNKNOWN\):\nsomething else$/],
])('%s: %s', async (code, summary, message) => {
  expect(await explain(code, summary)).toMatch(message)
})

test('without JSON the last words of npm are shown, without its requests', async () => {
  const stderr = 'npm http fetch GET 200 https://x/ 1ms\nnpm error code EWHAT\nnpm error it broke\n'
  expect(await explain('', '', '', stderr)).toBe(
    'npm ended with exit code 1:\ncode EWHAT\nit broke',
  )
})

test('secrets are masked, and a flood is bounded', async () => {
  const message = await explain(
    'EWHAT',
    `token word-of-ada-1 ${'x '.repeat(132)}word-of-ada-1 ${'x'.repeat(10_000)}`,
    'line\n'.repeat(9000),
  )
  expect(message).toContain('[masked')
  expect(message).not.toContain('word-of')
  expect(message.length).toBeLessThan(4000)
})
