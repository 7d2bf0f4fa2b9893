// Clients and the relay take the same words as targets: a typing mistake is reported before
// anything is sent, and nothing that was sent is refused for its spelling.
import { expect, test } from '@jest/globals'

import { parseTargets as parseTyped } from '../../../post/contract/target.ts'
import { parseTargets } from '../../policy/target.ts'

const me = { kind: 'me' }
const person = (name: string) => ({ kind: 'person', name })
const channel = (name: string) => ({ kind: 'channel', name })
const displayed = (name: string) => ({ kind: 'display name', name })

test.each([
  ['@me', undefined, me],
  ['@myself', undefined, me],
  ['inbox:@me', 'inbox', me],
  ['@ada', undefined, person('ada')],
  ['mattermost-2:@ada.l+x@y', 'mattermost-2', person('ada.l+x@y')],
  ['lab', undefined, { ...channel('lab'), orPerson: true }],
  ['~lab', undefined, channel('lab')],
  ['#lab', undefined, channel('lab')],
  ['#me', undefined, channel('me')],
  ['Me', undefined, me],
  ['inbox:@ME', 'inbox', me],
  ['Town Square', undefined, displayed('Town Square')],
  ['mattermost:"R&D, 2"', 'mattermost', displayed('R&D, 2')],
  [
    'https://Chat.example.org/qt/channels/lab',
    undefined,
    { ...channel('lab'), at: 'chat.example.org/qt' },
  ],
  [
    'https://chat.example.org/x/qt/messages/@ada/?a=1#b',
    undefined,
    { ...person('ada'), at: 'chat.example.org/x/qt' },
  ],
  ['inbox:größe_1', 'inbox', channel('größe_1')],
])('%s is a target', (typed, service, target) => {
  expect(parseTargets(parseTyped(typed))).toMatchObject([{ service, target }])
  expect(parseTargets([typed])).toMatchObject([{ typed, service, target }])
})

test.each(['', '@', '~@ada', 'a/b', '..', 'a..b', '-a', 'Inbox:lab', ':lab', 'a:b:c', 'a\nb'])(
  '%j is none',
  (typed) => {
    expect(() => parseTyped(`lab,${typed}`)).toThrow('no target')
    expect(() => parseTargets(['lab', typed])).toThrow('No target')
  },
)

test.each([
  'https://chat.example.org/',
  'https://chat.example.org/qt/pl/abc',
  'https://chat.example.org/qt/channels/..',
  'https://chat.example.org/qt/channels/a%2fb',
  'https://chat.example.org/qt/messages/ada',
  'https://[/qt/channels/lab',
])('the link %s leads to no channel and no person', (typed) => {
  expect(() => parseTargets(parseTyped(typed))).toThrow('expected a link to a channel or a person')
})

test('lists are taken apart; the client names each target once', () => {
  expect(parseTyped('lab, @me,lab')).toEqual(['lab', '@me'])
  expect(parseTargets(['lab, @me', '@ada']).map(({ typed }) => typed)).toEqual([
    'lab',
    '@me',
    '@ada',
  ])
})

test.each([[[]], [Array<string>(21).fill('lab')]])('%j are too few or too many', (typed) => {
  expect(() => parseTargets(typed)).toThrow('Expected 1 to 20 targets')
})
