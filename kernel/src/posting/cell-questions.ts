// The kernel's side of `post.ask()`. It waits for answers while other requests are served, and
// shows each question as one line below its cell. It takes a question back when nobody waits for it
// any more, because the cell was interrupted, its code gave up, the runtime died or the kernel
// ends.
import { askAndWait } from '../../../post/api/asking.ts'
import type { AskPoster, AskingPost } from '../../../post/api/asking.ts'
import { askedText } from '../../../post/api/asked-text.ts'
import { PostError } from '../../../post/contract/error.ts'
import type { OpenPosts } from './open-posts.ts'

/** Shows a line below the cell, in place of the line before. It is never captured. */
export type ShowLine = (text: string, markdown: string) => void

export class CellQuestions {
  readonly #open: OpenPosts
  readonly #waiting = new Map<string, AbortController>()

  constructor(open: OpenPosts) {
    this.#open = open
  }

  /**
   * Asks and returns the answer.
   *
   * @param key - Names the question for `withdraw`.
   * @param signal - The call's signal, aborted with its cell.
   * @throws {PostError} like `askAndWait`.
   */
  async ask(
    key: string,
    question: Promise<AskingPost>,
    poster: AskPoster,
    { signal, show }: { signal: AbortSignal; show: ShowLine },
  ): Promise<string> {
    const controller = new AbortController()
    this.#waiting.set(key, controller)
    const answer = question.then((post) =>
      askAndWait(poster, post, {
        signal: AbortSignal.any([signal, controller.signal]),
        onChange(asked) {
          const { text, markdown } = askedText(asked)
          show(text, markdown)
        },
      }),
    )
    const forget = this.#open.add(async () => {
      this.withdraw(key)
      // The cell gets the error.
      await answer.catch(() => undefined)
    })
    try {
      return await answer
    } finally {
      forget()
      this.#waiting.delete(key)
    }
  }

  /**
   * Takes a question back. `ask` then rejects as soon as the relay knows, or did not answer in
   * time.
   */
  withdraw(key: string): void {
    this.#waiting.get(key)?.abort(new PostError('interrupted', 'The question was taken back'))
  }
}
