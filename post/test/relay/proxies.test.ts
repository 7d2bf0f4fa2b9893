// Which proxy the environment names for an address. The Python package runs the same cases.
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { z } from 'zod'
import { sentence } from '../../contract/sentence.ts'
import { BadProxy, Way } from '../../relay/way.ts'
import { fixture } from '../helpers/fixture.ts'

const Case = z.object({
  url: z.string(),
  env: z.record(z.string(), z.string()),
  proxy: z.string().optional(),
  setting: z.string().optional(),
  /** The variable that names no HTTP proxy. */
  bad: z.string().optional(),
})
const { cases } = fixture('proxies', z.object({ cases: z.array(Case) }))
const NAMES = ['http_proxy', 'https_proxy', 'all_proxy', 'no_proxy']

let before: NodeJS.ProcessEnv

beforeEach(() => {
  before = { ...process.env }
  for (const name of NAMES) {
    delete process.env[name]
    delete process.env[name.toUpperCase()]
  }
})

afterEach(() => {
  process.env = before
})

test.each(cases)('$url with $env', ({ url, env, proxy, setting, bad }) => {
  Object.assign(process.env, env)
  const make = () => new Way(new URL(url)).proxy
  if (bad === undefined) {
    const found = make()
    expect([found?.url.origin, found?.setting]).toEqual([proxy, setting])
  } else {
    expect(make).toThrow(new BadProxy(sentence('badProxy', { setting: bad })))
  }
})
