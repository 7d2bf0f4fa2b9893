// Where a post goes in the inbox, if people name its target in their own words.
import { expect, test } from '@jest/globals'
import { InboxTargets } from '../../chat/inbox-targets.ts'
import { parseTargets } from '../../policy/target.ts'

const store = {
  channels: () => ['lab', 'town-square', 'Ops Team'],
  hasChannel: (name: string) => store.channels().includes(name),
  people: () => ['ada', 'grace'],
}
const ada = { name: 'ada', groups: ['Night Shift', 'grace-team'] }

function resolve(mode: 'local' | 'hub', typed: string) {
  const [parsed] = parseTargets([typed])
  if (parsed === undefined) throw new Error(typed)
  return new InboxTargets({ store, mode }).resolve(parsed.target, ada)
}

test.each([
  ['me', '@ada', 0],
  ['ada', '@ada', 0],
  ['lab', '~lab', 0],
  ['~ada', '~ada', 1],
  ['"Town Square"', '~town-square', 0],
  ['ops TEAM', '~Ops Team', 0],
  ['New Room', '~new-room', 1],
])('locally %s is %s, with %i notices of a new channel', (typed, lane, notices) => {
  const to = resolve('local', typed)
  expect([to.lane, to.notices.length]).toEqual([lane, notices])
})

test.each([
  ['ME', '@ada'],
  ['grace', '@grace'],
  ['"night shift"', '~Night Shift'],
  ['grace-team', '~grace-team'],
])('on a Hub %s is %s', (typed, lane) => {
  expect(resolve('hub', typed).lane).toBe(lane)
})

test.each([
  ['hub', '"Ops Team"', 'not_allowed', []],
  ['hub', '~grace', 'not_allowed', ['@grace']],
  ['hub', 'grade', 'not_allowed', ['@grace']],
  ['local', '"R / D"', 'unknown_target', []],
  ['local', 'https://chat.example.org/qt/channels/lab', 'unknown_target', []],
] as const)(
  'in %s mode %s is refused, with names of that person only',
  (mode, typed, code, nearest) => {
    expect(() => resolve(mode, typed)).toThrow(expect.objectContaining({ code, nearest }))
  },
)
