// What the doctor finds at a relay's address: whether it answers, whether its own parts work (the
// chat, the Hub), and whether it takes the token. What is wrong is said in the words of a post.
import fetch from 'node-fetch'
import { z } from 'zod'
import { messageOf, PostError } from '../post/contract/error.ts'
import { sentence } from '../post/contract/sentence.ts'
import { relayUrl } from '../post/relay/endpoint.ts'
import { RelayAway, requestRelay } from '../post/relay/http.ts'
import type { Relay } from '../post/relay/http.ts'
import { isToken, trimmed } from '../post/relay/token.ts'
import { Way } from '../post/relay/way.ts'
import { note, ok, problem } from './finding.ts'
import type { Finding } from './finding.ts'

const RELAY_TIMEOUT = 3000
/** The relay itself asks its parts for 3 s. */
const PARTS_TIMEOUT = 5000
const MOST_BYTES = 1024 * 1024
const TOKEN_NAMES = ['JUPYTERPOST_TOKEN', 'JUPYTERHUB_API_TOKEN', 'JPY_API_TOKEN']

/** An older relay tells its parts to everyone, and says `ready` instead of `status`. */
const Ready = z.object({
  status: z.string().optional(),
  parts: z
    .array(z.object({ name: z.string(), ready: z.boolean(), detail: z.string() }))
    .default([]),
})
/** The refusal of a token. */
const Refusal = z.object({ code: z.string(), detail: z.string() })

/** @param given - `JUPYTERPOST_URL`, which is not `local`. */
export async function remoteRelay(given: string, env: NodeJS.ProcessEnv): Promise<Finding[]> {
  try {
    const url = relayUrl(given)
    const { value } = tokenIn(env)
    const sent = value !== undefined && isToken(value) ? value : undefined
    const parts = await brokenParts({ url, token: sent })
    return [await reached(url), ...parts, await token(url, env)]
  } catch (error) {
    if (error instanceof PostError) return [problem('relay', error.message)]
    throw error
  }
}

async function reached(url: URL): Promise<Finding> {
  try {
    await ask(url, 'health', undefined)
    return ok('relay', `${url.href} answers`)
  } catch (error) {
    if (error instanceof RelayAway)
      return problem('relay', `${error.message}; posts are kept and sent when it can be reached`)
    if (error instanceof PostError) return problem('relay', error.message)
    throw error
  }
}

/**
 * Parts of the relay that do not work, by what it says at `/ready`; none if it says nothing. Only
 * an admin of the Hub, or the owner of a local relay, is told what is wrong.
 */
export async function brokenParts({ url, token: value }: Relay): Promise<Finding[]> {
  const own = await askReady(url, value)
  const refusal = Refusal.safeParse(own).data
  // The relay cannot ask the Hub who this is, and says why.
  if (refusal?.code === 'hub_away') return [problem('hub', printable(refusal.detail))]
  const ready = Ready.safeParse(refusal ? await askReady(url, undefined) : own).data
  const broken = (ready?.parts ?? []).filter((part) => !part.ready)
  if (ready?.status === 'not ready' && broken.length === 0)
    return [problem('relay', 'not ready; the admin of the relay sees why in /ready, or in its log')]
  return broken.map(({ name, detail }) => problem(printable(name), printable(detail)))
}

/** The answer as JSON; undefined if there is none, or it is no relay: `reached` says why. */
async function askReady(url: URL, value: string | undefined): Promise<unknown> {
  let way: Way | undefined
  try {
    way = new Way(url)
    const response = await fetch(new URL('ready', url), {
      ...(value !== undefined && { headers: { authorization: `token ${value}` } }),
      agent: way.agent,
      redirect: 'manual',
      size: MOST_BYTES,
      signal: AbortSignal.timeout(PARTS_TIMEOUT),
    })
    return JSON.parse(await response.text())
  } catch {
    return undefined
  } finally {
    way?.close()
  }
}

async function token(url: URL, env: NodeJS.ProcessEnv): Promise<Finding> {
  const { name, value } = tokenIn(env)
  if (value === undefined)
    return problem(
      'token',
      `none of ${TOKEN_NAMES.join(', ')} is set; on a Hub each server has one, elsewhere set JUPYTERPOST_TOKEN`,
    )
  if (!isToken(value)) return problem('token', `${name}: ${sentence('tokenCharacters')}`)
  try {
    await ask(url, 'api/v1/limits', value)
    return ok('token', `${name} is accepted`)
  } catch (error) {
    const isRefused = error instanceof PostError && error.code !== 'wrong_url'
    if (isRefused) return problem('token', `${name} is refused: ${printable(error.message)}`)
    return note('token', `${name} is set; it could not be tried (${messageOf(error)})`)
  }
}

function tokenIn(env: NodeJS.ProcessEnv): { name?: string; value?: string } {
  const name = TOKEN_NAMES.find((candidate) => trimmed(env[candidate]))
  const value = name && trimmed(env[name])
  return name !== undefined && value !== undefined ? { name, value } : {}
}

async function ask(url: URL, path: string, value: string | undefined): Promise<void> {
  const signal = AbortSignal.timeout(RELAY_TIMEOUT)
  try {
    await requestRelay({ url, token: value }, { method: 'GET', path, signal })
  } catch (error) {
    if (!signal.aborted) throw error
    throw new RelayAway(sentence('noAnswerInTime', { seconds: RELAY_TIMEOUT / 1000 }))
  }
}

/** What comes from outside is on one line of the terminal and moves nothing on it. */
function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]/gu, ' ')
}
