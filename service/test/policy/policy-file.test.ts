// The file of JUPYTERPOST_POLICY: a wrong one is told in one sentence with the path of the key, and
// stands for nothing that it does not say.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'

import { Policy } from '../../policy/policy.ts'
import { temporaryFolder } from '../helpers/relay.ts'

const ADA = { name: 'ada', groups: [] }

function policyOf(text: string) {
  using folder = temporaryFolder()
  const path = join(folder.path, 'policy.json')
  writeFileSync(path, text)
  const chats = ['mattermost', 'inbox']
  const policy = new Policy({ path, chats, unmasked: 'everyone' })
  return { policy, trouble: policy.trouble?.replace(path, 'FILE') ?? '' }
}

test.each([
  ['{', 'expected JSON in FILE, but line 1, column 2 is wrong'],
  ['[]', 'in FILE, the top level: expected object, received array'],
  [
    '{"rule": []}',
    'in FILE, rule: there is no such key; expected one of admins, services, no_mask, rules',
  ],
  [
    '{"rules": [{"who": ["*"]}, {"who": ["*"], "dney": ["~lab"]}]}',
    'in FILE, rules.1.dney: there is no such key; expected one of who, chat, allow, deny, mentions, direct_per_day',
  ],
  ['{"rules": [{"deny": ["~lab"]}]}', 'in FILE, rules.0.who: expected array, received undefined'],
  ['{"rules": [{"who": []}]}', 'in FILE, rules.0.who: '],
  ['{"rules": [{"who": "ada"}]}', 'in FILE, rules.0.who: expected array, received string'],
  [
    '{"rules": [{"who": [" ada"]}]}',
    'in FILE, rules.0.who.0: expected the name of a person, group/NAME, service/NAME or *',
  ],
  [
    '{"rules": [{"who": ["*"], "deny": ["@me", "lab"]}]}',
    'in FILE, rules.0.deny.1: expected @me, @NAME, ~NAME, ~BEGINNING*, id:ID or *',
  ],
  ['{"rules": [{"who": ["*"], "allow": ["~a*b"]}]}', 'in FILE, rules.0.allow.0: expected @me'],
  ['{"rules": [{"who": ["*"], "allow": ["id:x*"]}]}', 'in FILE, rules.0.allow.0: expected @me'],
  [
    '{"rules": [{"who": ["*"], "chat": "matermost", "deny": ["~lab"]}]}',
    'in FILE, rules.0.chat: expected one of mattermost, inbox, got "matermost"',
  ],
  ['{"rules": [{"who": ["*"], "direct_per_day": -1}]}', 'in FILE, rules.0.direct_per_day: '],
  [
    '{"rules": [{"who": ["*"], "chat": "inbox", "direct_per_day": 1}]}',
    'in FILE, rules.0.direct_per_day: counts the messages of all chats together',
  ],
  ['{"admins": ["ada", 1]}', 'in FILE, admins.1: expected string, received number'],
  ['{"no_mask": true}', 'in FILE, no_mask: expected array, received boolean'],
  ['{"services": [""]}', 'in FILE, services.0: '],
])('%s is wrong in one sentence: %s', (text, words) => {
  const { policy, trouble } = policyOf(text)
  expect(trouble).toContain(`JUPYTERPOST_POLICY: ${words}`)
  expect(trouble).not.toContain('\n')
  // Nothing of it counts, nor what would count without a file.
  expect(policy.rules).toBeUndefined()
  expect([policy.isAdmin(ADA), policy.mayUnmask(ADA)]).toEqual([false, false])
})

test('a file that is not there is as wrong as one that cannot be read', () => {
  const options = { chats: [], unmasked: [] }
  const policy = new Policy({ path: '/nowhere.json', ...options })
  expect(policy.trouble).toContain('JUPYTERPOST_POLICY: cannot read /nowhere.json')
  expect(policy.rules).toBeUndefined()
})

test('a file of 100,000 names is read and asked in no time', () => {
  const deny = Array.from({ length: 100_000 }, (_, n) => `~channel-${n}`)
  const who = Array.from({ length: 100_000 }, (_, n) => `person-${n}`)
  const { policy, trouble } = policyOf(JSON.stringify({ rules: [{ who, deny }], admins: who }))
  expect(trouble).toBe('')
  const began = performance.now()
  for (let n = 0; n < 1000; n++) {
    const person = { name: `person-${n}`, groups: [] }
    expect(policy.rules?.refusal(person, 'inbox', [`~channel-${n}`])).toContain('rules.0.deny')
  }
  expect(performance.now() - began).toBeLessThan(1000)
})
