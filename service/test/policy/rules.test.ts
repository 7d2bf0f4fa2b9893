// What the rules of a policy say about people and places. What gives a right counts for one name
// only; what takes one away counts for every spelling.
import { expect, test } from '@jest/globals'

import { Rules } from '../../policy/rules.ts'
import type { Rule } from '../../policy/policy-file.ts'

const person = (name: string, ...groups: string[]) => ({ name, groups })

function rulesOf(...rules: Rule[]): Rules {
  return new Rules({ admins: [], services: [], no_mask: [], rules })
}

/** Whether the person may post to the place. */
const may = (rules: Rules, who: ReturnType<typeof person>, ...names: string[]) =>
  rules.refusal(who, 'mattermost', names) === undefined

test('without a rule everything is as the chat permits it', () => {
  expect(may(rulesOf(), person('ada'), '~lab')).toBe(true)
  expect(may(rulesOf({ who: ['bob'], deny: ['*'] }), person('ada'), '~lab')).toBe(true)
})

test('deny wins over allow, whichever comes first', () => {
  const deny: Rule = { who: ['group/lab'], deny: ['~lab'] }
  const allow: Rule = { who: ['ada'], allow: ['~lab', '@me'] }
  for (const rules of [rulesOf(deny, allow), rulesOf(allow, deny)]) {
    expect(may(rules, person('ada', 'lab'), '~lab')).toBe(false)
    expect(may(rules, person('ada'), '~lab')).toBe(true)
    expect(may(rules, person('ada', 'lab'), '@ada', '@me')).toBe(true)
  }
})

test('allow limits those whom it names to what all their lists have', () => {
  const rules = rulesOf(
    { who: ['group/course'], allow: ['@me', '~course-*'] },
    { who: ['ada'], allow: ['~lab'] },
  )
  expect(may(rules, person('ada', 'course'), '~lab')).toBe(true)
  expect(may(rules, person('ada', 'course'), '~course-1')).toBe(true)
  expect(may(rules, person('ada'), '~course-1')).toBe(false)
  expect(may(rules, person('bob', 'course'), '~lab')).toBe(false)
  expect(may(rules, person('cyd'), '~anywhere')).toBe(true)
  expect(rules.refusal(person('bob', 'course'), 'mattermost', ['~lab'])).toBe(
    'the policy of this relay lets you post to @me, ~course-* only (rules.0.allow)',
  )
})

test('a rule with a chat holds there only', () => {
  const rules = rulesOf({ who: ['*'], chat: 'mattermost', deny: ['~lab'] })
  expect(rules.refusal(person('ada'), 'mattermost', ['~lab'])).toContain('rules.0.deny')
  expect(rules.refusal(person('ada'), 'inbox', ['~lab'])).toBeUndefined()
})

test.each([
  ['~Town-Square', '~town-square'],
  ['~town-square', '~TOWN-SQUARE'],
  ['~town-square', '~town\u200b-square'],
  ['~TOWN-*', '~town-square'],
  ['id:ABC', 'id:abc'],
])('a deny of %s holds for %s, an allow does not', (listed, name) => {
  expect(may(rulesOf({ who: ['*'], deny: [listed] }), person('ada'), name)).toBe(false)
  expect(may(rulesOf({ who: ['*'], allow: [listed] }), person('ada'), name)).toBe(false)
})

test.each(['eve', 'EVE', 'eve/2', 'ｅｖｅ'])('a deny for Eve holds for %s too', (name) => {
  expect(may(rulesOf({ who: ['Eve'], deny: ['~lab'] }), person(name), '~lab')).toBe(false)
})

test.each(['EVE', 'eve/2', 'service/eve'])('what eve is given, %s is not', (name) => {
  const rules = new Rules({
    admins: ['eve', 'group/eve'],
    services: [],
    no_mask: ['eve'],
    rules: [
      { who: ['*'], allow: ['@me'], mentions: false, direct_per_day: 0 },
      { who: ['eve'], allow: ['~lab'], mentions: true, direct_per_day: 9 },
    ],
  })
  const eve = person('eve')
  expect([rules.isAdmin(eve), rules.mayUnmask(eve), may(rules, eve, '~lab')]).toEqual([
    true,
    true,
    true,
  ])
  expect([rules.mayMention(eve, 'inbox'), rules.directPerDay(eve, 50)]).toEqual([true, 9])
  const other = person(name)
  expect([rules.isAdmin(other), rules.mayUnmask(other), may(rules, other, '~lab')]).toEqual([
    false,
    false,
    false,
  ])
  expect([rules.mayMention(other, 'inbox'), rules.directPerDay(other, 50)]).toEqual([false, 0])
})

test('of mentions and direct messages the last rule that names somebody counts', () => {
  const rules = rulesOf(
    { who: ['*'], mentions: false, direct_per_day: 5 },
    { who: ['group/staff'], mentions: true, direct_per_day: 100 },
    { who: ['eve'], chat: 'mattermost', mentions: false },
  )
  expect(rules.mayMention(person('bob'), 'mattermost')).toBe(false)
  expect(rules.mayMention(person('ada', 'staff'), 'mattermost')).toBe(true)
  expect(rules.mayMention(person('eve', 'staff'), 'mattermost')).toBe(false)
  expect(rules.mayMention(person('eve', 'staff'), 'inbox')).toBe(true)
  expect(rules.directPerDay(person('bob'), 50)).toBe(5)
  expect(rules.directPerDay(person('ada', 'staff'), 50)).toBe(100)
  expect(rulesOf().directPerDay(person('ada'), 50)).toBe(50)
})

test('a user who is called like a group or a service has none of their rights', () => {
  const rules = new Rules({
    admins: ['group/ops', 'service/cull'],
    services: ['cull'],
    no_mask: ['group/ops'],
    rules: [],
  })
  expect(rules.isAdmin(person('ops'))).toBe(false)
  expect(rules.isAdmin(person('cull'))).toBe(false)
  expect(rules.isAdmin(person('service/cull'))).toBe(true)
  expect(rules.mayUnmask(person('ada', 'ops'))).toBe(true)
})
