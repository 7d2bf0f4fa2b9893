// Posts whose last state is not written yet. When the kernel ends, they end too.
export class OpenPosts {
  readonly #ends = new Set<() => Promise<void>>()

  /**
   * @param end - Writes the last state; never rejects.
   * @returns A function that removes it from the list.
   */
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
