// The relay of `main.ts`, which kills itself with SIGKILL at a step of the n-th post: `dying-relay STEP N`.
import { InboxStore } from '../../chat/inbox-store.ts'
import { main } from '../../main.ts'
import { SqliteOutbox } from '../../outbox/store.ts'

const [step, count = '0'] = process.argv.slice(2)
let left = Number(count)

function dieAt(here: string): void {
  if (here !== step) return
  left -= 1
  if (left === 0) process.kill(process.pid, 'SIGKILL')
}

const { accept, delivered } = SqliteOutbox.prototype
const { add } = InboxStore.prototype

SqliteOutbox.prototype.accept = async function (submission) {
  dieAt('before-commit')
  const accepted = await accept.call(this, submission)
  dieAt('committed')
  return accepted
}
InboxStore.prototype.add = async function (delivery) {
  dieAt('delivering')
  await add.call(this, delivery)
  dieAt('delivered')
}
SqliteOutbox.prototype.delivered = async function (claim, result) {
  await delivered.call(this, claim, result)
  dieAt('recorded')
}

process.exitCode = await main([], process.env)
