// `data:` addresses, which hold a whole file (RFC 2397).

export interface DataAddress {
  /** As the address says, in lower case; the bytes may be something else. */
  type: string
  bytes: Uint8Array
}

/** Undefined if this is another address. */
export function readDataAddress(address: string): DataAddress | undefined {
  const comma = address.indexOf(',')
  if (comma === -1 || !isDataAddress(address)) return undefined
  const [type = '', ...parameters] = address
    .slice('data:'.length, comma)
    .split(';')
    .map((word) => word.trim().toLowerCase())
  const content = percentDecoded(address.slice(comma + 1))
  const bytes =
    parameters.at(-1) === 'base64' ? Buffer.from(content.toString('latin1'), 'base64') : content
  return { type, bytes }
}

export function isDataAddress(address: string): boolean {
  return /^data:/i.test(address)
}

/** As a browser does it: a `%` without two digits is itself. */
function percentDecoded(text: string): Buffer {
  const bytes = Buffer.from(text)
  let length = 0
  for (let at = 0; at < bytes.length; at++) {
    const digits = bytes[at] === 0x25 ? bytes.toString('latin1', at + 1, at + 3) : ''
    const isByte = /^[0-9a-f]{2}$/i.test(digits)
    bytes[length++] = isByte ? Number.parseInt(digits, 16) : (bytes[at] ?? 0)
    if (isByte) at += 2
  }
  return bytes.subarray(0, length)
}
