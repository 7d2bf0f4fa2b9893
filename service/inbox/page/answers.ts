// Sends what is clicked or typed under a post to the relay: an answer to its question, or a word to
// the cell that listens to it.
import { Refusal } from './ask.ts'

/** Sends it to the relay. @throws {Refusal} */
export type Say = (post: string, text: string) => Promise<void>

/** ms after which a button that asks for confirmation forgets the first click. */
const SURE_MS = 4000

/** How long "sent" is shown, in ms. */
const TOLD_MS = 6000

/** Handles the forms of all posts in the list, also of later ones. */
export function hearForms(list: HTMLElement, say: Say): void {
  list.addEventListener('submit', (event) => {
    const form = event.target
    if (!(form instanceof HTMLFormElement)) return
    event.preventDefault()
    const button = event.submitter
    if (button instanceof HTMLButtonElement && isSure(button)) void send(form, button, say)
  })
  list.addEventListener('keydown', (event) => {
    const field = event.target
    if (!(field instanceof HTMLTextAreaElement) || event.key !== 'Enter') return
    if (event.shiftKey || event.isComposing) return
    event.preventDefault()
    field.form?.requestSubmit(field.form.querySelector('button'))
  })
}

/** The first click on a button that cannot be undone only asks for confirmation. */
function isSure(button: HTMLButtonElement): boolean {
  const { sure, asked } = button.dataset
  if (sure === undefined || asked !== undefined) return true
  const label = button.textContent
  button.dataset.asked = label
  button.textContent = sure
  setTimeout(() => {
    delete button.dataset.asked
    button.textContent = label
  }, SURE_MS)
  return false
}

async function send(form: HTMLFormElement, button: HTMLButtonElement, say: Say): Promise<void> {
  const post = form.closest('article')?.id
  const field = form.querySelector('textarea')
  const text = (field?.value ?? button.value).trim()
  if (post === undefined || text === '') return
  setBusy(form, true)
  try {
    await say(post, text)
    tell(form, form.className === 'commands' ? `“${text}” was sent` : '')
    setTimeout(() => tell(form, ''), TOLD_MS)
  } catch (error) {
    const why = error instanceof Refusal ? error.message : 'The relay does not answer'
    tell(form, `Not sent: ${why}`)
  } finally {
    setBusy(form, false)
  }
}

function setBusy(form: HTMLFormElement, isBusy: boolean): void {
  for (const button of form.querySelectorAll('button')) button.disabled = isBusy
}

function tell(form: HTMLFormElement, words: string): void {
  const line = form.querySelector('output') ?? form.appendChild(document.createElement('output'))
  line.textContent = words
}
