// The posts that are sent: 2 KB of JSON each, as a client sends them.
import type { PostManifest } from '../../post/contract/schema.ts'
import { personOf, roomOf, tokenOf } from './programs.ts'

/** Bytes of the body of a request. */
export const BODY_BYTES = 2048

const LINE = 'epoch 17/40  loss=0.1234  val_loss=0.2345  acc=0.9512  lr=3.0e-4\n'

/** `bench` is the chat that speaks Mattermost. */
export type Place = 'inbox' | 'bench'

export function manifest(client: number, place: Place): PostManifest {
  const whole = (text: string): PostManifest => ({
    targets: [place === 'inbox' ? `inbox:@${personOf(client)}` : `bench:~${roomOf(client)}`],
    blocks: [
      { type: 'message', text: 'The training has **ended**.' },
      { type: 'text', text, stream: 'stdout' },
    ],
    source: { notebook: 'training.ipynb', executionCount: 12, durationMs: 73_512, status: 'ok' },
  })
  let text = LINE.repeat(Math.ceil(BODY_BYTES / LINE.length))
  while (Buffer.byteLength(JSON.stringify(whole(text))) > BODY_BYTES) text = text.slice(0, -1)
  return whole(text)
}

/** The request of a client; heads and bodies are made once. */
export function requests(prefix: string, place: Place): (client: number, n: number) => string {
  const known = new Map<number, { head: string; rest: string }>()
  return (client, n) => {
    let parts = known.get(client)
    if (!parts) {
      const body = JSON.stringify(manifest(client, place))
      parts = {
        head:
          `POST ${prefix}api/v1/posts HTTP/1.1\r\nhost: 127.0.0.1\r\nuser-agent: jupyterpost\r\n` +
          `authorization: token ${tokenOf(client)}\r\ncontent-type: application/json\r\n` +
          `content-length: ${Buffer.byteLength(body)}\r\nidempotency-key: bench-`,
        rest: `\r\n\r\n${body}`,
      }
      known.set(client, parts)
    }
    return `${parts.head}${String(n).padStart(10, '0')}${parts.rest}`
  }
}
