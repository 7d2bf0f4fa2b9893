// The jupyterhub_config.py of the test Hubs: everything in one folder, separate ports, and the
// relays set up as an admin would.
import { join } from 'node:path'

const root = join(import.meta.dirname, '../../..')

export interface HubSetup {
  /** Contains the Hub's database, its users' homes and the relays' databases. */
  folder: string
  /** Virtual environment with JupyterHub. */
  venv: string
  baseUrl: string
  ports: { proxy: number; proxyApi: number; hub: number; relays: readonly number[] }
  /** Token of the service as which the test drives the Hub. */
  adminToken: string
  mattermost: { url: string; team: string; token: string }
  /** Address of the relay that runs outside, named `outside`. */
  external: string
}

/**
 * Names of the relays: inbox only, Mattermost, Mattermost with a wrong token, and one not started
 * by the Hub.
 */
export const RELAYS = ['jupyterpost', 'chat', 'chat-wrong', 'outside'] as const

/**
 * Everyone may post through all but `chat`, which is for the group `lab`, that is `alice`. `bob`
 * gets servers as they were before the grant: a server's token keeps the scopes that it had at its
 * start.
 */
export function hubConfig(setup: HubSetup): string {
  const { folder, venv, baseUrl, ports, adminToken, mattermost, external } = setup
  const loopback = (port: number, path = '') => py(`http://127.0.0.1:${port}${path}`)
  const address = (name: string) => loopback(ports.proxy, `${baseUrl}services/${name}/`)
  const database = (name: string) => py(join(folder, `${name}.sqlite`))
  return `
import sys
sys.path.insert(0, ${py(join(root, 'python'))})
from jupyterpost import configure_jupyterhub
from jupyterhub.services import service

c = get_config()
c.JupyterHub.bind_url = ${loopback(ports.proxy, baseUrl)}
c.JupyterHub.hub_bind_url = ${loopback(ports.hub)}
c.ConfigurableHTTPProxy.api_url = ${loopback(ports.proxyApi)}
c.ConfigurableHTTPProxy.command = [${py(process.execPath)}, ${py(join(root, 'node_modules/configurable-http-proxy/bin/configurable-http-proxy'))}]
c.JupyterHub.authenticator_class = "dummy"
c.Authenticator.allowed_users = {"alice", "bob", "carol"}
c.Authenticator.admin_users = {"root"}
c.JupyterHub.load_groups = {"lab": {"users": ["alice"]}}
c.JupyterHub.spawner_class = "simple"
c.SimpleLocalProcessSpawner.home_dir_template = ${py(join(folder, 'home/{username}'))}
c.Spawner.cmd = [${py(join(venv, 'bin/jupyterhub-singleuser'))}]
c.Spawner.args = ["--allow-root"]
c.Spawner.environment.update({"JUPYTER_PATH": ${py(join(folder, 'share/jupyter'))}})
c.JupyterHub.services.append({"name": "test-admin", "api_token": ${py(adminToken)}})
c.JupyterHub.services.append({"name": "outside", "url": ${py(external)}, "api_token": ${py(`outside-${adminToken.slice(0, 32)}`)}, "display": False})
c.JupyterHub.load_roles.append({
    "name": "test-admin", "services": ["test-admin"],
    "scopes": ["admin:users", "admin:servers", "tokens", "access:servers", "access:services", "read:services", "list:services"],
})

c.JupyterHub.load_roles.append({"name": "outside", "users": ["alice"], "scopes": ["access:services!service=outside"]})
configure_jupyterhub(c, port=${ports.relays[0]}, database=${database('jupyterpost')})
mattermost_parameters = {"mattermost_url": ${py(mattermost.url)}, "mattermost_team": ${py(mattermost.team)}}
configure_jupyterhub(
    c, ${py(mattermost.token)}, port=${ports.relays[1]}, name="chat", jupyterpost_url=${address('jupyterpost')},
    database=${database('chat')}, groups=["lab"], **mattermost_parameters,
)
configure_jupyterhub(
    c, "not-the-token", port=${ports.relays[2]}, name="chat-wrong", jupyterpost_url=${address('jupyterpost')},
    database=${database('chat-wrong')}, **mattermost_parameters,
)

BEFORE = ["users:activity!user", "access:servers!server"]
c.Spawner.server_token_scopes = lambda spawner: BEFORE if spawner.user.name == "bob" else []


# The Hub looks every 30 s whether a service still runs; a test need not wait for that.
class QuickPoll(service._ServiceSpawner):
    def __init__(self, **settings):
        super().__init__(**{**settings, "poll_interval": 1})


service._ServiceSpawner = QuickPoll
`
}

/** A Python literal; JSON's strings are Python's too. */
function py(text: string): string {
  return JSON.stringify(text)
}
