// What the post magics need from outside: the way to the relay, files and the notebook's name.
import type { Receipt } from '../../../post/receipt.ts'
import type { Limits, Post } from '../../../post/schema.ts'

export interface Poster {
  /**
   * Stores the post at the relay, or in the spool if the relay is away.
   *
   * @throws {PostError} if it is refused.
   */
  post(post: Post, signal?: AbortSignal): Promise<Receipt>
  /** As it would be posted: without its secrets; and what is to be said of them. */
  masked(post: Post): Promise<{ post: Post; notices: string[] }>
  /** What the relay takes in one post. */
  limits(signal?: AbortSignal): Promise<Limits>
  /** Names that complete what was typed; empty if the relay does not answer. */
  targets(query: string, signal?: AbortSignal): Promise<string[]>
}

export interface PostServices {
  poster: Poster
  /** File name of the notebook, last part only; undefined when unknown. */
  notebook: string | undefined
  /** Folder that relative names of `--attach` start from. */
  folder: string
}

/** The last part of `JPY_SESSION_NAME`, which Jupyter sets to the notebook's path or to an id. */
export function notebookName(env: NodeJS.ProcessEnv): string | undefined {
  const name = env.JPY_SESSION_NAME?.split(/[/\\]/).at(-1)
  return name?.endsWith('.ipynb') === true ? name.slice(0, 200) : undefined
}
