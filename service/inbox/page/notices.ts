// What the page says about its connection: one word in the bar, and what to do if the relay is away
// or does not know this browser.
import type { State } from './connection.ts'
import { make } from './dom.ts'
import type { Child } from './dom.ts'

const WORDS: Record<State, string> = {
  live: 'live',
  crowded: 'every few seconds',
  waiting: 'connecting again',
  closed: 'closed',
  'other program': 'closed',
}

/** The look of the word. */
const SHOWN: Record<State, string> = {
  live: 'live',
  crowded: 'waiting',
  waiting: 'waiting',
  closed: 'refused',
  'other program': 'refused',
}

/** ms in which a restarting relay comes back. */
const SOON_MS = 4000

export class Notices {
  /** Runs while the relay may only be starting anew. */
  #soon: ReturnType<typeof setTimeout> | undefined
  #told = ''

  show(state: State, why: string): void {
    const shown = document.getElementById('connection')
    if (shown && shown.textContent !== WORDS[state]) shown.textContent = WORDS[state]
    if (shown) shown.dataset.state = SHOWN[state]
    if (state !== 'waiting') {
      clearTimeout(this.#soon)
      this.#soon = undefined
    }
    if (state === 'live') hide()
    else if (state === 'crowded')
      this.#tell(
        'waiting',
        'Many pages of yours are open',
        `${why}. It still looks for new posts every few seconds. Close pages that you do not need; the one that you go to is live again.`,
      )
    else if (state === 'waiting' && why !== '')
      this.#tell(state, 'The relay does not serve this page now', ...withCode(why))
    else if (state === 'waiting')
      this.#soon ??= setTimeout(
        () =>
          this.#tell(
            state,
            'The relay is not running',
            'It ends when nobody needs it, and starts with the next post from a notebook, or by ',
            make('code', {}, 'jupyterpost inbox'),
            ' in a terminal. This page goes on by itself then.',
          ),
        SOON_MS,
      )
    else if (state === 'closed')
      this.#tell(
        state,
        'This browser is not let in yet',
        ...(why === '' ? ['Run '] : [...withCode(why), '. Or run ']),
        make('code', {}, 'jupyterpost inbox --open'),
        ' in a terminal of this machine: it opens the inbox in your browser, and this page goes on by itself. In another browser open a link that ',
        make('code', {}, 'jupyterpost inbox'),
        ' prints, or “open” under a post in your notebook.',
      )
    else
      this.#tell(
        state,
        'Another program answers here',
        'It is not the relay that let this browser in, so this page tells it nothing. A new link to your inbox: ',
        make('code', {}, 'jupyterpost inbox --open'),
        ' in a terminal.',
      )
  }

  #tell(state: State, title: string, ...text: Child[]): void {
    const problem = document.getElementById('problem')
    const line = make('p', {}, ...text)
    const words = `${title} ${line.textContent}`
    // Replacing it by the same words would make a screen reader repeat them.
    if (problem && (problem.hidden || this.#told !== words)) {
      problem.replaceChildren(make('h2', {}, title), line)
      problem.hidden = false
      problem.dataset.state = state
    }
    this.#told = words
  }
}

/** In the relay's words, commands are between backticks. */
function withCode(words: string): Child[] {
  return words.split('`').map((part, n) => (n % 2 === 1 ? make('code', {}, part) : part))
}

function hide(): void {
  const problem = document.getElementById('problem')
  if (problem) problem.hidden = true
}
