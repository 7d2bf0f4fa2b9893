// From targets as typed to goals: which service a link leads to, and what becomes of a target while
// the chat is away.
import { expect, test } from '@jest/globals'
import type { ChatService } from '../../chat/chat.ts'
import { ChatError } from '../../errors.ts'
import { directOf } from '../../policy/quota.ts'
import { resolveGoals } from '../../policy/resolve.ts'
import { asPerson, parseTargets } from '../../policy/target.ts'
import { ScriptedChat } from '../helpers/chat.ts'

const ALICE = { name: 'alice', groups: [] }

function services(chats: Record<string, ChatService>) {
  const all = new Map(Object.entries(chats))
  return { all, standard: 'one', broken: [] }
}

class Away extends ScriptedChat {
  override async resolve(): Promise<never> {
    throw new ChatError('away', { status: 0, retryable: true })
  }
}

class Linked extends ScriptedChat {
  isAt(at: string): boolean {
    return at === 'two.example/qt'
  }
}

class Direct extends ScriptedChat {
  override async resolve() {
    const accounts = { poster: 'a', person: 'b' }
    return { lane: 'l', label: '@bob', address: {}, notices: [], accounts }
  }
}

test('a link goes to the service that it leads to, everything else to the standard one', async () => {
  const typed = ['https://two.example/qt/channels/lab', 'https://x.example/qt/channels/a', 'lab']
  const chats = services({ one: new ScriptedChat(), two: new Linked() })
  const goals = await resolveGoals(parseTargets(typed), ALICE, chats)
  expect(goals.map(({ service }) => service)).toEqual(['two', 'one', 'one'])
})

test('a name without ~ that is looked up later can only be a channel then', async () => {
  const goals = await resolveGoals(
    parseTargets(['ada', '@ada']),
    ALICE,
    services({ one: new Away() }),
  )
  expect(goals.map(({ target }) => target)).toEqual([
    { kind: 'channel', name: 'ada' },
    { kind: 'person', name: 'ada' },
  ])
})

test('a person without @ counts as a direct message', async () => {
  const goals = await resolveGoals(parseTargets(['bob']), ALICE, services({ one: new Direct() }))
  expect(directOf(goals)).toBe(1)
})

test('a question to a name without @ is for that person', () => {
  expect(parseTargets(['ada', '~ada']).map((one) => asPerson(one).target)).toEqual([
    { kind: 'person', name: 'ada' },
    { kind: 'channel', name: 'ada' },
  ])
})
