import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from '@jest/globals'
import {
  endpoint,
  parseConnection,
  readConnectionFile,
  writePorts,
} from '../src/protocol/connection.ts'

const folder = mkdtempSync(join(tmpdir(), 'jupyterpost-connection-'))
afterAll(() => rmSync(folder, { recursive: true }))

const file = {
  transport: 'tcp',
  ip: '127.0.0.1',
  shell_port: 1,
  control_port: 2,
  stdin_port: 3,
  iopub_port: 4,
  hb_port: 5,
  signature_scheme: 'hmac-sha256',
  key: 'secret-key',
}

test('a usual file is read; keys that are not for us are ignored', () => {
  expect(parseConnection({ ...file, kernel_name: 'x', jupyter_session: 'y' })).toEqual({
    transport: 'tcp',
    ip: '127.0.0.1',
    ports: { shell: 1, control: 2, stdin: 3, iopub: 4, hb: 5 },
    key: 'secret-key',
    hash: 'sha256',
  })
})

test('ports may be text, the key empty or missing, the scheme another hash', () => {
  const { key: _key, ...keyless } = { ...file, shell_port: '17', signature_scheme: 'hmac-sha512' }
  expect(parseConnection(keyless)).toMatchObject({ ports: { shell: 17 }, key: '', hash: 'sha512' })
})

test.each<[string, unknown, RegExp]>([
  ['a list', [], /expected a JSON object/],
  ['no port', { ...file, hb_port: undefined }, /hb_port must be an integer .* got nothing/],
  ['a port of words', { ...file, hb_port: 'five' }, /hb_port .* got "five"/],
  ['a port out of range', { ...file, hb_port: 70_000 }, /hb_port .* got 70000/],
  [
    'another transport',
    { ...file, transport: 'udp' },
    /transport must be "tcp" or "ipc", got "udp"/,
  ],
  [
    'an unknown scheme',
    { ...file, signature_scheme: 'hmac-rot13' },
    /signature_scheme .*got "hmac-rot13"/,
  ],
  ['a scheme that is no HMAC', { ...file, signature_scheme: 'sha256' }, /signature_scheme/],
  ['a key that is no text', { ...file, key: 7 }, /key must be a string, got number/],
  [
    'half a CURVE pair',
    { ...file, curve_publickey: 'x'.repeat(40) },
    /must both have 40 characters/,
  ],
])('%s is refused in a sentence that names the key', (_name, value, reason) => {
  expect(() => parseConnection(value)).toThrow(reason)
})

test('a file that is missing or no JSON is named, its key is not quoted', () => {
  const path = join(folder, 'broken.json')
  writeFileSync(path, '{"key": "secret-key",')
  expect(() => readConnectionFile(path)).toThrow(`the connection file ${path} is not JSON`)
  expect(() => readConnectionFile(join(folder, 'none.json'))).toThrow(/cannot read .*none\.json/)
})

test('chosen ports are written back, other keys stay, only the owner may read', () => {
  const path = join(folder, 'ports.json')
  writeFileSync(path, JSON.stringify({ ...file, shell_port: 0, kernel_name: 'kept' }), {
    mode: 0o644,
  })
  writePorts(path, { shell: 11, control: 12, stdin: 13, iopub: 14, hb: 15 })
  expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({
    shell_port: 11,
    hb_port: 15,
    kernel_name: 'kept',
  })
  expect(statSync(path).mode & 0o777).toBe(0o600)
})

test.each([
  [{ ip: '127.0.0.1', transport: 'tcp' as const }, 'tcp://127.0.0.1:1'],
  [{ ip: '::1', transport: 'tcp' as const }, 'tcp://[::1]:1'],
  [{ ip: '/run/k', transport: 'ipc' as const }, 'ipc:///run/k-1'],
])('the address of %j is %s', (part, address) => {
  expect(endpoint({ ...parseConnection(file), ...part }, 'shell')).toBe(address)
})
