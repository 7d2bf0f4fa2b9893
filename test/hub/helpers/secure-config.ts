// The jupyterhub_config.py of Hubs with `internal_ssl`: the Hub makes certificates for its parts,
// and everything between them is TLS. One relay may read users, the other may not.
import { join } from 'node:path'
import type { HubSetup } from './hub-config.ts'

const root = join(import.meta.dirname, '../../..')

/**
 * As docs/admin.md has it for JupyterHub 6.1, which else ends when it starts: it asks the services
 * that it starts whether they are there with the certificates of a server (app.py, `start`).
 */
export const START_SERVICES = `
import jupyterhub
from jupyterhub.app import JupyterHub

if jupyterhub.version_info >= (6,):
    start_service = JupyterHub.start_service
    JupyterHub.start_service = lambda hub, name, service, ssl_context=None: start_service(hub, name, service)
`

export const SECURE_RELAYS = ['jupyterpost', 'plain'] as const

export function secureConfig({ folder, ports, baseUrl, adminToken }: HubSetup): string {
  const database = (name: string) => py(join(folder, `${name}.sqlite`))
  return `
import sys
sys.path.insert(0, ${py(join(root, 'python'))})
from jupyterpost import configure_jupyterhub

c = get_config()
c.JupyterHub.internal_ssl = True
c.JupyterHub.internal_certs_location = ${py(join(folder, 'certificates'))}
c.JupyterHub.bind_url = ${py(`http://127.0.0.1:${ports.proxy}${baseUrl}`)}
c.JupyterHub.hub_bind_url = ${py(`https://127.0.0.1:${ports.hub}`)}
c.ConfigurableHTTPProxy.api_url = ${py(`https://127.0.0.1:${ports.proxyApi}`)}
c.ConfigurableHTTPProxy.command = [${py(process.execPath)}, ${py(join(root, 'node_modules/configurable-http-proxy/bin/configurable-http-proxy'))}]
c.JupyterHub.authenticator_class = "dummy"
c.Authenticator.allow_all = True
c.JupyterHub.spawner_class = "simple"
c.JupyterHub.services.append({"name": "test-admin", "api_token": ${py(adminToken)}})
c.JupyterHub.load_roles.append({
    "name": "test-admin", "services": ["test-admin"], "scopes": ["admin:users", "tokens", "access:services"],
})
configure_jupyterhub(c, port=${ports.relays[0]}, database=${database('jupyterpost')}, read_users=True)
${START_SERVICES}
configure_jupyterhub(c, port=${ports.relays[1]}, database=${database('plain')}, name="plain")
`
}

/** A Python literal; JSON's strings are Python's too. */
function py(text: string): string {
  return JSON.stringify(text)
}
