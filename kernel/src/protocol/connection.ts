// The connection file: where to bind and how to sign. Parsed once; the kernel chooses a port for
// each 0 and writes it back.
// https://jupyter-client.readthedocs.io/en/stable/kernels.html#connection-files
import { getHashes } from 'node:crypto'
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { isObject } from './json.ts'

const CHANNELS = ['shell', 'control', 'stdin', 'iopub', 'hb'] as const
export type ChannelName = (typeof CHANNELS)[number]

export interface ConnectionInfo {
  transport: 'tcp' | 'ipc'
  /** An address, or for ipc the start of the socket paths. */
  ip: string
  /** 0: still to choose. */
  ports: Record<ChannelName, number>
  /** '' turns signing off. */
  key: string
  /** From `signature_scheme`: `hmac-<hash>`. */
  hash: string
  /** Z85, 40 characters; present if the launcher asks for CURVE encryption. */
  curve?: { publicKey: string; secretKey: string }
}

/** An unusable connection file; the message names the key in it, what was expected and came. */
export class ConnectionError extends Error {
  override name = 'ConnectionError'
}

/** @throws {ConnectionError} with one sentence for the person who launched the kernel. */
export function readConnectionFile(path: string): ConnectionInfo {
  let json: string
  try {
    json = readFileSync(path, 'utf8')
  } catch (error) {
    throw new ConnectionError(`cannot read the connection file ${path}: ${messageOf(error)}`, {
      cause: error,
    })
  }
  let value: unknown
  try {
    value = JSON.parse(json)
  } catch {
    // SyntaxError of JSON.parse: its message would quote the file, which holds the key.
    throw new ConnectionError(`the connection file ${path} is not JSON`)
  }
  try {
    return parseConnection(value)
  } catch (error) {
    throw new ConnectionError(`connection file ${path}: ${messageOf(error)}`, { cause: error })
  }
}

/** Unknown keys (`kernel_name`, `jupyter_session`, ...) are ignored. */
export function parseConnection(value: unknown): ConnectionInfo {
  if (!isObject(value)) throw new ConnectionError('expected a JSON object')
  const transport = text(value, 'transport', 'tcp')
  if (transport !== 'tcp' && transport !== 'ipc') {
    throw new ConnectionError(`transport must be "tcp" or "ipc", got ${JSON.stringify(transport)}`)
  }
  const scheme = text(value, 'signature_scheme', 'hmac-sha256')
  const hash = scheme.startsWith('hmac-') ? scheme.slice('hmac-'.length) : ''
  if (!getHashes().includes(hash)) {
    const example = 'such as "hmac-sha256"'
    throw new ConnectionError(
      `signature_scheme must be "hmac-" and a hash that Node knows, ${example}, got ${JSON.stringify(scheme)}`,
    )
  }
  const ports = {
    shell: port(value, 'shell'),
    control: port(value, 'control'),
    stdin: port(value, 'stdin'),
    iopub: port(value, 'iopub'),
    hb: port(value, 'hb'),
  }
  const info: ConnectionInfo = {
    transport,
    ip: text(value, 'ip', '127.0.0.1'),
    ports,
    key: text(value, 'key', ''),
    hash,
  }
  const publicKey = text(value, 'curve_publickey', '')
  const secretKey = text(value, 'curve_secretkey', '')
  if (publicKey === '' && secretKey === '') return info
  if (publicKey.length !== 40 || secretKey.length !== 40) {
    throw new ConnectionError('curve_publickey and curve_secretkey must both have 40 characters')
  }
  return { ...info, curve: { publicKey, secretKey } }
}

/** Writes the chosen ports into the file and keeps its other keys; only the owner may read it. */
export function writePorts(path: string, ports: Record<ChannelName, number>): void {
  const value: unknown = JSON.parse(readFileSync(path, 'utf8'))
  const chosen = Object.fromEntries(CHANNELS.map((name) => [`${name}_port`, ports[name]]))
  const whole = { ...(isObject(value) ? value : {}), ...chosen }
  const draft = `${path}.${process.pid}`
  writeFileSync(draft, `${JSON.stringify(whole, undefined, 2)}\n`, { mode: 0o600 })
  // By renaming, so that a client never reads half a file.
  renameSync(draft, path)
}

/** The address to bind or connect to. `tcp://ip:port`, but `ipc://path-port`. */
export function endpoint(info: ConnectionInfo, name: ChannelName): string {
  const number = info.ports[name]
  if (info.transport === 'ipc') return `ipc://${info.ip}-${number}`
  // A bare IPv6 address would run into its port.
  const host = info.ip.includes(':') && !info.ip.startsWith('[') ? `[${info.ip}]` : info.ip
  return `tcp://${host}:${number === 0 ? '*' : number}`
}

function text(value: Record<string, unknown>, key: string, otherwise: string): string {
  const found = value[key]
  if (found === undefined || found === null) return otherwise
  if (typeof found !== 'string') {
    throw new ConnectionError(`${key} must be a string, got ${typeof found}`)
  }
  return found
}

/** An integer, or an integer as a string (JEP 106). */
function port(value: Record<string, unknown>, name: ChannelName): number {
  const found = value[`${name}_port`]
  const number = typeof found === 'string' && /^\d+$/.test(found) ? Number(found) : found
  if (typeof number !== 'number' || !Number.isInteger(number) || number < 0 || number > 65_535) {
    throw new ConnectionError(
      `${name}_port must be an integer from 0 to 65535, got ${JSON.stringify(found) ?? 'nothing'}`,
    )
  }
  return number
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
