// What the doctor finds at a relay's address: whether it answers, whether its own parts work (the
// chat, the Hub), and whether it takes the token. What is wrong is said in the words of a post.
import fetch from 'node-fetch'
import { z } from 'zod'
import { messageOf, PostError } from '../post/contract/error.ts'
import { sentence } from '../post/contract/sentence.ts'
import { relayUrl } from '../post/relay/endpoint.ts'
import { RelayAway, requestRelay } from '../post/relay/http.ts'
import { isToken, trimmed } from '../post/relay/token.ts'
import { Way } from '../post/relay/way.ts'
import { note, ok, problem } from './finding.ts'
import type { Finding } from './finding.ts'

const RELAY_TIMEOUT = 3000
/** The relay itself asks its parts for 3 s. */
const PARTS_TIMEOUT = 5000
const MOST_BYTES = 1024 * 1024
const TOKEN_NAMES = ['JUPYTERPOST_TOKEN', 'JUPYTERHUB_API_TOKEN', 'JPY_API_TOKEN']

const Ready = z.object({
  parts: z.array(z.object({ name: z.string(), ready: z.boolean(), detail: z.string() })),
})

/** @param given - `JUPYTERPOST_URL`, which is not `local`. */
export async function remoteRelay(given: string, env: NodeJS.ProcessEnv): Promise<Finding[]> {
  try {
    const url = relayUrl(given)
    return [await reached(url), ...(await brokenParts(url)), await token(url, env)]
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

/** Parts of the relay that do not work, by what it says at `/ready`; none if it says nothing. */
export async function brokenParts(url: URL): Promise<Finding[]> {
  let way: Way | undefined
  try {
    way = new Way(url)
    const response = await fetch(new URL('ready', url), {
      agent: way.agent,
      redirect: 'manual',
      size: MOST_BYTES,
      signal: AbortSignal.timeout(PARTS_TIMEOUT),
    })
    const parts = Ready.safeParse(JSON.parse(await response.text())).data?.parts ?? []
    return parts
      .filter(({ ready }) => !ready)
      .map(({ name, detail }) => problem(printable(name), printable(detail)))
  } catch {
    // It does not answer, or it is no relay: `reached` says why.
    return []
  } finally {
    way?.close()
  }
}

async function token(url: URL, env: NodeJS.ProcessEnv): Promise<Finding> {
  const name = TOKEN_NAMES.find((candidate) => trimmed(env[candidate]))
  const value = name && trimmed(env[name])
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
