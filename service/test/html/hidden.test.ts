// What a browser does not show of HTML: it is not sent. What it does show stays.
import { expect, test } from '@jest/globals'

import { readHtml } from '../../html/content.ts'

const shown = (html: string) => readHtml(html)

test.each([
  ['hidden', '<p hidden>x</p>'],
  ['hidden, in capitals', '<P HIDDEN>x</P>'],
  ['hidden until it is found', '<p hidden="until-found">x</p>'],
  ['display: none', '<p style="color: red; DISPLAY : None !important">x</p>'],
  ['visibility: hidden', '<p style="visibility:hidden">x</p>'],
  ['visibility: collapse', '<table><tr style="visibility: collapse"><td>x</table>'],
  ['content-visibility: hidden', '<p style="content-visibility:hidden">x</p>'],
  ['a popover', '<div popover>x</div>'],
  ['a dialog that is not open', '<dialog>x</dialog>'],
  ['text for screen readers', '<span class="a visually-hidden">x</span><i class="sr-only">x</i>'],
  ['a template', '<template><p>x</p></template>'],
  [
    'scripts, styles and what stands in for scripts',
    '<script>x</script><style>x</style><noscript>x</noscript>',
  ],
  ['a canvas', '<canvas>x</canvas>'],
  ['buttons', '<button>x</button><input type="button" value="x">'],
  ['choices', '<select><option>x</option></select><datalist><option>x</datalist>'],
  ['fields', '<input value="x"><textarea>x</textarea><form><label>x <input></label></form>'],
  ['bars', '<progress value="1">x</progress><meter>x</meter>'],
  ['a frame without an address', '<iframe>x</iframe><iframe src="about:blank"></iframe>'],
  [
    'what is said in place of media',
    '<video controls>x <code>video</code></video><audio><p>x</p></audio>',
  ],
  ['what is said in place of an object', '<object type="a/b"><param name="x"><p>x</p></object>'],
  ['all that is inside', '<div hidden><p>x</p><table><tr><td>x</table><img alt="x" src="x"></div>'],
])('not shown: %s', (_, html) => {
  expect(shown(`a<br>${html}<br>b`)).toEqual(shown('a<br><br>b'))
  expect(shown(html)).toEqual([])
})

test.each([
  ['aria-hidden, which is for screen readers', '<span aria-hidden="true">x</span>', 'x'],
  ['the last of two styles', '<p style="display: none; display: block">x</p>', 'x'],
  ['another style with none in it', '<p style="border: none; outline:none">x</p>', 'x'],
  ['an open dialog', '<dialog open>x</dialog>', 'x'],
  ['a label outside of a form', '<label for="a">x</label>', 'x'],
  ['a label behind a form', '<form><button>y</button></form><label>x</label>', 'x'],
  ['details that are open', '<details open><summary>x</summary>y</details>', 'x\n\ny'],
  ['what follows', '<p hidden>y<p>x</p>', 'x'],
])('shown: %s', (_, html, text) => {
  expect(shown(html)).toEqual([{ type: 'markdown', text }])
})

test('of closed details the first summary is shown, and what is inside it', () => {
  const html =
    '<details>a<p>b</p><summary>Plan <b>C</b></summary>d<summary>e</summary><details open>f</details></details>g'
  expect(shown(html)).toEqual([{ type: 'markdown', text: 'Plan **C**\n\ng' }])
})

test('of what a library shows without its style sheet, only the text itself', () => {
  const html =
    '<div class="sk-text-repr-fallback">rerun<pre>f(x)</pre><b>this cell</b></div><div hidden>f</div>'
  expect(shown(html)).toEqual([{ type: 'markdown', text: '```\nf(x)\n```' }])
})

test('what hides a drawing in HTML hides no part inside a drawing', () => {
  const svg = '<svg width="3" height="3"><g hidden="hidden"><a href="x"><rect/></a></g></svg>'
  expect(shown(svg)).toEqual([{ type: 'svg', svg }])
  expect(shown(`<p hidden>${svg}</p>`)).toEqual([])
})
