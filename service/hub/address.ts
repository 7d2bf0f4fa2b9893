// From where a request comes. It only divides limits and grants nothing: behind the Hub's proxy
// every connection is the proxy's. The proxy appends the address of its own client to
// X-Forwarded-For, so the last entry is the one that it wrote; a client may write the others.
// Somebody who reaches this port past the proxy can write any, for which there are limits in total.
import type { IncomingMessage } from 'node:http'
import { isIP, isIPv6 } from 'node:net'

/** Groups of an IPv6 address that one client has for itself: a /64. */
const NETWORK_GROUPS = 4

export function addressOf({
  headers,
  socket,
}: Pick<IncomingMessage, 'headers' | 'socket'>): string {
  const last = String(headers['x-forwarded-for'] ?? '')
    .split(',')
    .at(-1)
    ?.trim()
  const address = last !== undefined && isIP(last) !== 0 ? last : (socket.remoteAddress ?? '')
  return networkOf(address)
}

function networkOf(address: string): string {
  const plain = address.toLowerCase().replace('::ffff:', '')
  if (!isIPv6(plain)) return plain
  const [head = '', tail] = (plain.split('%')[0] ?? plain).split('::')
  const [left, right] = [groupsOf(head), groupsOf(tail ?? '')]
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - left.length - right.length)
  const groups = [...left, ...Array.from({ length: zeros }, () => '0'), ...right]
  return `${groups
    .slice(0, NETWORK_GROUPS)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`
}

function groupsOf(text: string): string[] {
  return text === '' ? [] : text.split(':')
}
