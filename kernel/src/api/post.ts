// `post()` in notebook code has the same interface as outside; the kernel process sends, because it
// knows the cell and survives a crash. The parts that check and send are loaded there; here are the
// handles.
import { randomUUID } from 'node:crypto'
import { askFunction } from '../../../post/api/ask-function.ts'
import type { AskKernel } from '../../../post/api/kernel-transport.ts'
import type { PostArguments, PostHandle } from '../../../post/api/post.ts'
import type { Progress, ProgressOptions } from '../../../post/api/progress.ts'
import { bridge, call, isConnected } from './bridge.ts'
import { Error, Promise } from './primordials.ts'

export type {
  AskFunction,
  AskOptions,
  Attachment,
  ContentArguments,
  PostArguments,
  PostOptions,
  Progress,
  ProgressOptions,
  ProgressValue,
} from '../../../post/api/index.ts'

/** Takes 7 ms. Done before the first cell: Node's loader fails if a cell has replaced `Reflect`. */
export async function loadPosting() {
  const [{ sendPost }, { startProgress }, { askPerson }, transports] = await Promise.all([
    import('../../../post/api/post.ts'),
    import('../../../post/api/progress.ts'),
    import('../../../post/api/ask.ts'),
    import('../../../post/api/kernel-transport.ts'),
  ])
  return { sendPost, startProgress, askPerson, ...transports }
}

/**
 * Posts to a chat channel or a person; resolves when the relay has stored it.
 *
 *     await post('Check out my plot', 'my-channel', figure)
 *     const p = await post({ message, channel: '@me', attachment: [png, svgText] })
 *
 * It need not be awaited: the cell ends after it.
 *
 * @throws {PostError} if it is refused.
 */
export async function post(...args: PostArguments): Promise<PostHandle> {
  if (!isConnected()) return (await outside()).post(...args)
  return holding(async () => {
    const { sendPost, kernelTransport } = await loadPosting()
    return sendPost(args, (address) => kernelTransport(askKernel, address))
  })
}

/**
 * A message that shows progress: bar, rate, remaining time, last values. Edited every 5 s at most.
 * It ends with the cell that ticks, also by failure or interrupt, and with the kernel; a later tick
 * takes it up again.
 *
 *     const p = await post.progress('@me', 'training', { total: 100 })
 *     for (const loss of train()) p.tick({ loss })
 *     await p.done()
 *
 * @throws {PostError} if it is refused.
 */
post.progress = async function progress(
  channel: string | readonly string[],
  title: string,
  options: ProgressOptions = {},
): Promise<Progress> {
  if (!isConnected()) return (await outside()).progress(channel, title, options)
  return holding(async () => {
    const { startProgress, kernelTransport, kernelSink } = await loadPosting()
    const transport = kernelTransport(askKernel, options)
    const sinkOf = kernelSink(askKernel, options)
    return startProgress(channel, title, options, { transport, sinkOf })
  })
}

/** In a cell, one line below it shows question, deadline and answer; an interrupt withdraws it. */
post.ask = askFunction(async (args) => {
  if (!isConnected()) return (await outside()).ask(args)
  return holding(async () => {
    const { askPerson, kernelQuestions } = await loadPosting()
    return askPerson(args, (address) => kernelQuestions(askKernel, address))
  })
})

let posting: ReturnType<typeof loadOutside> | undefined

/** For programs outside a notebook. Loaded once, so that posts of one program keep their order. */
function outside() {
  posting ??= loadOutside()
  return posting
}

async function loadOutside() {
  const [{ httpPosting }, { relayProgram }] = await Promise.all([
    import('../../../post/api/index.ts'),
    import('../relay-program.ts'),
  ])
  return httpPosting(relayProgram)
}

/** The cell waits for it even if its code does not: called before anything is awaited. */
async function holding<T>(work: () => Promise<T>): Promise<T> {
  const key = randomUUID()
  const origin = new Error('post')
  const held = askKernel({ action: 'hold', key })
  try {
    return await work()
  } catch (error) {
    bridge('post').continueStack(error, origin)
    throw error
  } finally {
    await askKernel({ action: 'release', key })
    await held
  }
}

const askKernel: AskKernel = (request) => call('post', request)
