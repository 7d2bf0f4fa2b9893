// What a Hub tells its service by variables: where to listen, the Hub's address, the service's own
// token, and with `internal_ssl` the certificates of both ways.
import { shownAddress } from '../post/relay/address.ts'
import { isToken, trimmed } from '../post/relay/token.ts'
import { ConfigError, readSetting } from './config-file.ts'
import type { HubOptions } from './hub/hub-gate.ts'
import type { Certificates } from './hub/certificates.ts'

/** The path of the service, with a slash at both ends. */
export function hubPrefix(env: NodeJS.ProcessEnv): string {
  const prefix = env.JUPYTERHUB_SERVICE_PREFIX || `/services/${serviceName(env)}/`
  return `/${prefix}/`.replace(/\/+/g, '/')
}

/** @throws {ConfigError} */
export function hubListen(env: NodeJS.ProcessEnv): { host: string; port: number } {
  const url = env.JUPYTERHUB_SERVICE_URL
  if (!url || !URL.canParse(url)) {
    throw new ConfigError(
      `JUPYTERHUB_SERVICE_URL: expected the http or https address to listen at (the Hub sets it), got ${JSON.stringify(shownAddress(url ?? ''))}; or set JUPYTERPOST_LISTEN=host:port`,
    )
  }
  const { hostname, port, protocol } = new URL(url)
  if (protocol !== 'http:' && protocol !== 'https:') {
    throw new ConfigError(
      `JUPYTERHUB_SERVICE_URL: expected http: or https:, got ${protocol} (JupyterHub itself takes no other kind for a service)`,
    )
  }
  const host = hostname.replace(/^\[|\]$/g, '')
  return { host, port: Number(port || (isSecure(env) ? 443 : 80)) }
}

/** Whether the Hub's proxy comes by TLS, wherever the admin lets the relay listen. */
export function isSecure(env: NodeJS.ProcessEnv): boolean {
  return /^https:/i.test(env.JUPYTERHUB_SERVICE_URL ?? '')
}

/** @throws {ConfigError} */
export function hubOptions(env: NodeJS.ProcessEnv): HubOptions {
  const api = trimmed(env.JUPYTERHUB_API_URL)
  if (!api || !URL.canParse(api) || !/^https?:/i.test(api)) {
    throw new ConfigError(
      `JUPYTERHUB_API_URL: expected the address of the Hub's API, as http://127.0.0.1:8081/hub/api, got ${JSON.stringify(shownAddress(api ?? ''))}`,
    )
  }
  const token = trimmed(env.JUPYTERHUB_API_TOKEN) ?? ''
  return {
    // Without user name and password: fetch refuses them, and its error would show them.
    apiUrl: shownAddress(api).replace(/(?<!\/)\/+$/, ''),
    serviceName: serviceName(env),
    token: isToken(token) ? token : undefined,
    certificates: certificates(env),
  }
}

/** The files that the Hub makes for each service if `internal_ssl` is on. @throws {ConfigError} */
function certificates(env: NodeJS.ProcessEnv): Certificates | undefined {
  const names = ['JUPYTERHUB_SSL_KEYFILE', 'JUPYTERHUB_SSL_CERTFILE', 'JUPYTERHUB_SSL_CLIENT_CA']
  const [key, cert, ca] = names.map((name) => {
    const path = env[name]
    return path ? readSetting(path, name) : undefined
  })
  if (key !== undefined && cert !== undefined && ca !== undefined) return { key, cert, ca }
  const missing = names.filter((name) => !env[name])
  if (missing.length === names.length && !isSecure(env)) return undefined
  throw new ConfigError(
    `${missing.join(', ')}: expected a file of certificates, as the Hub sets it with internal_ssl, got nothing`,
  )
}

function serviceName(env: NodeJS.ProcessEnv): string {
  return env.JUPYTERHUB_SERVICE_NAME || 'jupyterpost'
}
