// What `%npm` says when it fails: what is wrong and what helps, in a few lines.

/** A package manager failed, or cannot be used as things are. */
export class NpmError extends Error {
  override name = 'NpmError'
}
