// One request to the relay and its answer as JSON.

/** A refusal of the relay, in its own words. */
export class Refusal extends Error {
  readonly status: number
  readonly code: string
  constructor(status: number, code: string, message: string) {
    super(message)
    this.status = status
    this.code = code
  }
}

export interface Asked {
  /** Sent as JSON, by POST. */
  body?: object
  headers?: Readonly<Record<string, string>>
  signal?: AbortSignal
  /** Lets the relay clear the browser's storage: browsers allow that only with cookies allowed. */
  mayClear?: boolean
}

/** @throws {Refusal} if the relay answers with an error; {TypeError} if nobody answers */
export async function ask(path: string, asked: Asked = {}): Promise<unknown> {
  const response = await request(path, asked)
  return response.json()
}

export async function request(path: string, asked: Asked = {}): Promise<Response> {
  const { body, headers, signal, mayClear = false } = asked
  const response = await fetch(path, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { ...(body && { 'Content-Type': 'application/json' }), ...headers },
    // No cookie from another port, and nothing that another program made the browser keep.
    credentials: mayClear ? 'same-origin' : 'omit',
    cache: 'no-store',
    redirect: 'error',
    ...(body && { body: JSON.stringify(body) }),
    ...(signal && { signal }),
  })
  if (response.ok || response.status === 304) return response
  throw await refusalOf(response)
}

async function refusalOf(response: Response): Promise<Refusal> {
  const body: unknown = await response.json().catch(() => undefined)
  const told = typeof body === 'object' && body !== null ? body : {}
  const code = 'code' in told && typeof told.code === 'string' ? told.code : ''
  const detail = 'detail' in told && typeof told.detail === 'string' ? told.detail : ''
  return new Refusal(response.status, code, detail || `The relay answered ${response.status}`)
}
