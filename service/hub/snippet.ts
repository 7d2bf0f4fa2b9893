// The text of `jupyterpost relay --print-hub-config`: plain Python for admins who would rather
// paste than call configure_jupyterhub. It adds to the existing configuration and contains no
// secret.

export interface HubSnippetOptions {
  /** Absolute path of a Node >= 24. */
  node: string
  /** Absolute path of `bin/jupyterpost`. */
  script: string
  /** Name of the service, which is part of its address. */
  name?: string
  /** Loopback port the relay listens on. */
  port?: number
}

/**
 * A block to paste at the end of `jupyterhub_config.py` (JupyterHub 5.x and 6.x).
 *
 * The roles `user` and `server` are written out with the Hub's own default scopes, because an entry
 * of that name replaces them (docs/admin.md, "Who may post").
 */
export function hubConfigSnippet(options: HubSnippetOptions): string {
  const { node, script, name = 'jupyterpost', port = 10101 } = options
  return `# jupyterpost: the relay as a managed service of this Hub. At the end of jupyterhub_config.py.
JUPYTERPOST_GRANT = ${quote(`access:services!service=${name}`)}

c.JupyterHub.services.append(
    {
        "name": ${quote(name)},
        "url": "http://127.0.0.1:${port}",
        "command": [${[node, script, 'relay'].map(quote).join(', ')}],
        "environment": {
            "MATTERMOST_URL": "https://your.mattermost.server",
            "MATTERMOST_TEAM": "your-team",
            "MATTERMOST_TOKEN_FILE": "/etc/jupyterpost/mattermost-token",  # mode 0600
            "JUPYTERPOST_DATABASE": "/var/lib/jupyterpost/jupyterpost.sqlite",
        },
        "display": False,
        "oauth_no_confirm": True,
    }
)

# Both roles need the grant: a server's token holds what its role AND its user have.
# If you define "user" or "server" already, add JUPYTERPOST_GRANT to their scopes instead.
c.JupyterHub.load_roles.extend(
    [
        {"name": "user", "scopes": ["self", JUPYTERPOST_GRANT]},
        {
            "name": "server",
            "scopes": ["users:activity!user", "access:servers!server", JUPYTERPOST_GRANT],
        },
    ]
)

# The address of the Hub as its users' servers see it. If your spawner's own class has an
# environment (c.KubeSpawner.environment, say), set it there.
c.Spawner.environment.update(
    {"JUPYTERPOST_URL": ${quote(`https://your.hub/services/${name}/`)}}
)
`
}

/** A Python string literal; JSON's escapes are Python's too. */
function quote(text: string): string {
  return JSON.stringify(text)
}
