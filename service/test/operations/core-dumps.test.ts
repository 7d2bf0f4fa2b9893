// What the system writes to a file when a relay dies by a signal.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'

import { RelayFile, relayFilePath } from '../../../post/relay/relay-file.ts'
import { until } from '../../../test/helpers/until.ts'
import { withholdMemory } from '../../core-dumps.ts'
import { temporaryFolder } from '../helpers/relay.ts'

const MAIN = join(import.meta.dirname, '../../main.ts')
const onLinux = process.platform === 'linux' ? test : test.skip

onLinux('a core dump of a relay has none of its memory, even where dumps are allowed', async () => {
  using folder = temporaryFolder()
  const command =
    'ulimit -c unlimited 2>/dev/null; exec "$0" --disable-warning=ExperimentalWarning "$1"'
  const child = spawn('sh', ['-c', command, process.execPath, MAIN], {
    env: folder.env,
    cwd: folder.path,
    stdio: 'ignore',
  })
  const path = relayFilePath(folder.env)
  await until(() => existsSync(path), 'the relay runs')
  const { pid, token } = RelayFile.parse(JSON.parse(readFileSync(path, 'utf8')))
  expect(Number.parseInt(readFileSync(`/proc/${pid}/coredump_filter`, 'utf8'), 16)).toBe(0)
  const ended = once(child, 'exit')
  process.kill(pid, 'SIGQUIT')
  await ended
  // Where the system writes them elsewhere, there is nothing here to look at.
  for (const name of readdirSync(folder.path).filter((one) => one.startsWith('core')))
    expect(readFileSync(join(folder.path, name)).includes(token)).toBe(false)
})

test('a system that does not offer this is told to the admin', () => {
  expect(withholdMemory('darwin')).toContain('ulimit -c 0')
})
