// Which relay a post goes to and with which token: docs/spec.md 5.1.
import { describe, expect, test } from '@jest/globals'
import { resolveEndpoint } from '../../relay/endpoint.ts'
import type { EndpointOptions } from '../../relay/endpoint.ts'

const HUB = 'https://hub.example/services/jupyterpost/'

describe('a post goes to', () => {
  test.each<[string, NodeJS.ProcessEnv, EndpointOptions, object]>([
    ['the local relay without any variable', {}, {}, { kind: 'local' }],
    [
      'the local relay if that is forced on a Hub',
      { JUPYTERPOST_URL: 'local', JUPYTERHUB_USER: 'ada' },
      {},
      { kind: 'local', user: 'ada' },
    ],
    [
      'the Hub relay with its token',
      { JUPYTERPOST_URL: HUB, JUPYTERHUB_API_TOKEN: 'h', JPY_API_TOKEN: 'j' },
      {},
      { kind: 'remote', token: 'h' },
    ],
    [
      'the Hub relay with the old name of the token',
      { JUPYTERPOST_URL: HUB, JPY_API_TOKEN: 'j' },
      {},
      { token: 'j' },
    ],
    [
      'the Hub relay with a token of its own',
      { JUPYTERPOST_URL: HUB, JUPYTERPOST_TOKEN: 'p', JUPYTERHUB_API_TOKEN: 'h' },
      {},
      { token: 'p' },
    ],
    [
      'an address without slash at the end',
      { JUPYTERPOST_URL: HUB.slice(0, -1), JPY_API_TOKEN: 'j' },
      {},
      { url: new URL(HUB) },
    ],
    [
      'another address with its own token',
      { JUPYTERPOST_URL: HUB, JUPYTERHUB_API_TOKEN: 'h' },
      { url: 'https://other.example/', token: 'o' },
      { token: 'o' },
    ],
    [
      'the same address written again with the token of the environment',
      { JUPYTERPOST_URL: HUB, JUPYTERHUB_API_TOKEN: 'h' },
      { url: HUB.slice(0, -1) },
      { token: 'h' },
    ],
    [
      'a named address with JUPYTERPOST_TOKEN, which belongs to nothing else',
      { JUPYTERPOST_TOKEN: 'p' },
      { url: HUB },
      { token: 'p' },
    ],
  ])('%s', (_name, env, options, expected) => {
    expect(resolveEndpoint(env, options)).toMatchObject(expected)
  })
})

describe('refused', () => {
  test.each<[string, NodeJS.ProcessEnv, EndpointOptions, string]>([
    ['a Hub without JUPYTERPOST_URL', { JUPYTERHUB_API_TOKEN: 'h' }, {}, 'no_relay_url'],
    ['a Hub by its old variable', { JPY_API_TOKEN: 'h' }, {}, 'no_relay_url'],
    ['a Hub by its user', { JUPYTERHUB_USER: 'ada' }, {}, 'no_relay_url'],
    ['no token', { JUPYTERPOST_URL: HUB }, {}, 'no_token'],
    [
      'the Hub token to another host',
      { JUPYTERPOST_URL: HUB, JUPYTERHUB_API_TOKEN: 'h' },
      { url: 'https://evil.example/services/jupyterpost/' },
      'no_token',
    ],
    [
      'the Hub token to another path',
      { JUPYTERPOST_URL: HUB, JUPYTERHUB_API_TOKEN: 'h' },
      { url: 'https://hub.example/user/eve/' },
      'no_token',
    ],
    [
      'the Hub token to another port',
      { JUPYTERPOST_URL: HUB, JUPYTERPOST_TOKEN: 'h' },
      { url: 'https://hub.example:8443/services/jupyterpost/' },
      'no_token',
    ],
    [
      'the Hub token without encryption',
      { JUPYTERPOST_URL: HUB, JUPYTERHUB_API_TOKEN: 'h' },
      { url: HUB.replace('https', 'http') },
      'no_token',
    ],
    [
      'the Hub token where no URL says that it belongs',
      { JUPYTERHUB_API_TOKEN: 'h' },
      { url: HUB },
      'no_token',
    ],
    ['no address', { JUPYTERPOST_URL: 'hub.example/services' }, {}, 'wrong_url'],
    ['another protocol', { JUPYTERPOST_URL: 'file:///etc/passwd' }, {}, 'wrong_url'],
    ['a password in the address', { JUPYTERPOST_URL: 'https://a:b@hub.example/' }, {}, 'wrong_url'],
  ])('%s', (_name, env, options, code) => {
    expect(() => resolveEndpoint(env, options)).toThrow(
      expect.objectContaining({ name: 'PostError', code }),
    )
  })

  test('what is missing on a Hub names the variable, who sets it and the restart', () => {
    expect(() => resolveEndpoint({ JUPYTERHUB_USER: 'ada' })).toThrow(
      /JUPYTERPOST_URL.*admin.*stop and start.*JUPYTERPOST_URL=local/,
    )
  })
})

test.each([
  ['http://hub.example/x/', 1],
  ['http://10.0.0.3:8000/x/', 1],
  ['https://hub.example/x/', 0],
  ['http://127.0.0.1:8000/', 0],
  ['http://[::1]:8000/', 0],
  ['http://localhost:8000/', 0],
  ['http://proxy-public/services/jupyterpost/', 0],
  ['http://proxy-public.hub.svc.cluster.local/', 0],
])('%s gives %i warnings about encryption', (url, warnings) => {
  expect(resolveEndpoint({ JUPYTERPOST_URL: url, JUPYTERPOST_TOKEN: 't' }).warnings).toHaveLength(
    warnings,
  )
})
