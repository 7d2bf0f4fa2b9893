// Posts whose last state is not written yet: when the kernel ends, each is ended with it.
export class OpenPosts {
  readonly #ends = new Set<() => Promise<void>>()

  /** @param end - Writes the last state; never rejects. @returns what takes it off the list. */
  add(end: () => Promise<void>): () => void {
    this.#ends.add(end)
    return () => {
      this.#ends.delete(end)
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#ends].map((end) => end()))
  }
}
