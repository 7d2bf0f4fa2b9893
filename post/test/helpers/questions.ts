// Questions at the stand-in for a relay. Polls are answered when a test settles the question. It
// outlives the stand-in, as a relay's database does.
import { EventEmitter, once } from 'node:events'
import type { Express } from 'express'
import { until } from '../../../test/helpers/until.ts'
import type { Answer } from '../../contract/question.ts'

export class Questions {
  readonly #answers = new Map<string, Answer>()
  readonly #polled: string[] = []
  readonly #changes = new EventEmitter()
  #seen = 0
  /** A request to take a question back gets no reply. */
  hanging = false
  /** How many clients gave up waiting for that reply. */
  givenUp = 0
  /** How long each poll asked to wait, in seconds, in order. */
  readonly waits: number[] = []

  addTo(app: Express): void {
    app.get('/relay/api/v1/posts/:id/answer', async (request, response) => {
      const { id } = request.params
      const wait = Number(new URL(request.url, 'http://x').searchParams.get('wait'))
      this.waits.push(wait)
      if (!this.#polled.includes(id)) this.#polled.push(id)
      const end = AbortSignal.timeout(wait * 1000)
      while (this.#answers.get(id) === undefined && !end.aborted) {
        // The time of the poll is up.
        await once(this.#changes, 'settled', { signal: end }).catch(() => undefined)
      }
      const now = new Date().toISOString()
      response.json(this.#answers.get(id) ?? { state: 'open', until: now })
    })
    app.delete('/relay/api/v1/posts/:id/answer', (request, response) => {
      if (this.hanging) {
        response.once('close', () => (this.givenUp += 1))
        return
      }
      this.settle(request.params.id, { state: 'withdrawn' })
      response.status(204).end()
    })
  }

  settle(id: string, answer: Answer): void {
    this.#answers.set(id, answer)
    this.#changes.emit('settled')
  }

  answer(id: string, text: string): void {
    this.settle(id, { state: 'answered', answer: text, by: 'ada', at: new Date().toISOString() })
  }

  /** Resolves to the id of the next question that somebody waits for. */
  async next(): Promise<string> {
    const id = await until(() => this.#polled[this.#seen], 'somebody waits for an answer')
    this.#seen += 1
    return id
  }

  /** Resolves when the question was taken back. */
  async withdrawn(id: string): Promise<void> {
    await until(
      () => this.#answers.get(id)?.state === 'withdrawn',
      `question ${id} is taken back`,
      {
        saw: () => this.#answers.get(id),
      },
    )
  }
}
