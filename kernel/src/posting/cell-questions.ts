// The kernel's side of `post.ask()`: waits for answers while other requests are served, shows each question as one line under its cell, and
// takes it back when nobody waits for it any more: the cell was interrupted, its code gave it up, the runtime died, the kernel ends.
import { askAndWait } from '../../../post/api/asking.ts'
import type { AskPoster, AskingPost } from '../../../post/api/asking.ts'
import { askedText } from '../../../post/api/asked-text.ts'
import { PostError } from '../../../post/contract/error.ts'
import type { OpenPosts } from './open-posts.ts'

/** Shows a line under the cell, each time in the place of the one before; nothing of it is captured. */
export type ShowLine = (text: string, markdown: string) => void

export class CellQuestions {
  readonly #open: OpenPosts
  readonly #waiting = new Map<string, AbortController>()

  constructor(open: OpenPosts) {
    this.#open = open
  }

  /**
   * The answer.
   *
   * @param key - Names the question for `withdraw`.
   * @param signal - Of the call: aborted with its cell.
   * @throws {PostError} as `askAndWait`
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
      // Its failure is told to who asked.
      await answer.catch(() => undefined)
    })
    try {
      return await answer
    } finally {
      forget()
      this.#waiting.delete(key)
    }
  }

  /** Takes a question back; `ask` rejects when the relay knows, or did not answer in time. */
  withdraw(key: string): void {
    this.#waiting.get(key)?.abort(new PostError('interrupted', 'The question was taken back'))
  }
}
