// Text as a terminal would leave it (ECMA-48): how progress bars and colours look in a post.
import { expect, test } from '@jest/globals'
import { computing } from '../../../test/helpers/computing.ts'
import { terminalText, withoutEscapes } from '../../text/terminal-text.ts'

const ESC = '\u001b'

test.each([
  ['plain\ntext\t!', 'plain\ntext\t!'],
  ['dos\r\nlines\r\n', 'dos\nlines\n'],
  ['10%\r55%\r100%\n', '100%\n'],
  ['a longer line\rshort', 'shortger line'],
  ['abc\b\bX', 'aXc'],
  ['\b\bstart', 'start'],
  [`${ESC}[31mred${ESC}[0m and ${ESC}[1;38;5;200mpink${ESC}[m`, 'red and pink'],
  [`${ESC}]0;title\u0007shown`, 'shown'],
  [`${ESC}]8;;https://x.example${ESC}\\link${ESC}]8;;${ESC}\\`, 'link'],
  [`50%${ESC}[K\r100${ESC}[K`, '100'],
  [`old text\r${ESC}[2Knew`, 'new'],
  [`one\ntwo\n${ESC}[2AONE${ESC}[2B\rend`, 'ONE\ntwo\nend'],
  [`a${ESC}[5Cb`, 'a     b'],
  [`junk\njunk${ESC}[2Jclean`, 'clean'],
  [`x${ESC}[1;1`, 'x'],
  [`\u009b32mgreen`, 'green'],
  [`${ESC}(Bascii`, 'ascii'],
  ['bell\u0007 and null\0!', 'bell and null!'],
  ['🎉🎉\r🎈', '🎈🎉'],
  [`huge${ESC}[99999999Cmove`, `huge${' '.repeat(9996)}move`],
])('%j leaves %j', (text, screen) => {
  expect(terminalText(text)).toBe(screen)
})

test('a million updates of a progress bar are one line, in little time', async () => {
  const text = Array.from({ length: 200_000 }, (_, i) => `\r${i}`).join('')
  expect(await computing(() => expect(terminalText(text)).toBe('199999'))).toBeLessThan(2000)
})

test('without escape sequences a text keeps what they would have erased', () => {
  expect(
    withoutEscapes(`again ${ESC}[2J${ESC}]0;title\u0007\tis\r\n${ESC}[31mred\u009b0m\u0085`),
  ).toBe('again \tis\nred')
})
