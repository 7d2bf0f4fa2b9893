// What work costs in processor time: other programs of the machine do not count.

/** ms that this thread computes until the work is done. */
export async function computing(work: () => unknown): Promise<number> {
  const before = process.threadCpuUsage()
  await work()
  const { user, system } = process.threadCpuUsage(before)
  return (user + system) / 1000
}
