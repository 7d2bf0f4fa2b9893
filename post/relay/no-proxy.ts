// Which hosts the variable NO_PROXY lists. Each program reads it in its own way; this one takes
// what most of them take. Python has the same in `posting/no_proxy.py`; the cases of both are
// `fixtures/proxies.json`.

/** @param list - `hub, .example.org, relay.example:8080` */
export function isListed({ protocol, hostname, port }: URL, list: string): boolean {
  const host = bareHost(hostname)
  const at = port === '' ? (protocol === 'https:' ? '443' : '80') : port
  return list
    .toLowerCase()
    .split(/[\s,]/)
    .some((entry) => isOf(entry, host, at))
}

/** `[::1]` -> `::1`, `hub.` -> `hub` */
export function bareHost(hostname: string): string {
  return hostname.toLowerCase().replace(/^\[|\]$|\.$/g, '')
}

function isOf(entry: string, host: string, at: string): boolean {
  const { name, port } = hostAndPort(entry)
  if (port !== undefined && port !== at) return false
  if (name === '*') return true
  if (/^\*[^.]/.test(name)) return host.endsWith(name.slice(1))
  const domain = name.replace(/^\*?\.+/, '')
  return domain !== '' && (host === domain || host.endsWith(`.${domain}`))
}

/** An address of IPv6 is in brackets if a port follows: `[fd00::1]:80`, `fd00::1`. */
function hostAndPort(entry: string): { name: string; port?: string } {
  const colon = entry.lastIndexOf(':')
  const isAddress = entry.indexOf(':') !== colon && !entry.startsWith('[')
  const port = entry.slice(colon + 1)
  if (colon === -1 || isAddress || !/^\d+$/.test(port)) return { name: bareHost(entry) }
  return { name: bareHost(entry.slice(0, colon)), port }
}
