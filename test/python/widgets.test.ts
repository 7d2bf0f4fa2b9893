// What a post shows of widgets and progress bars in Python: their state when the post is made, with
// the real ipywidgets and tqdm in a real ipykernel.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals'
import { until } from '../helpers/until.ts'
import type { ReadPost } from '../../post/contract/schema.ts'
import { PythonSite } from './helpers/kernel.ts'

// On a loaded machine a kernel takes seconds to start.
jest.setTimeout(120_000)

let site: PythonSite

beforeAll(async () => {
  const cell = 'import ipywidgets as w, jupyterpost\nfrom IPython.display import display'
  site = await PythonSite.start(cell)
}, 300_000)

afterAll(async () => {
  await site[Symbol.asyncDispose]()
})

const textsOf = (post: ReadPost | undefined) =>
  (post?.blocks ?? []).map((block) => ('text' in block ? block.text : block.type))

/** Texts of the blocks of the cell's post. */
async function posted(code: string): Promise<string[]> {
  await site.run(code)
  return textsOf((await site.posts()).at(-1))
}

test.each([
  ['tqdm.notebook', '', /^load: 100% \|█{10}\| 70\/70 \[\d\d:\d\d/],
  ['tqdm.auto', '', /^load: 100% \|█{10}\| 70\/70 \[\d\d:\d\d/],
  ['tqdm', ', ncols=40', /^load: 100%\|[█#]+\| 70\/70 \[/],
])('a bar of %s is shown in its last state', async (module, options, bar) => {
  const code = `from ${module} import tqdm\nfor n in tqdm(range(70), desc="load"${options}): pass`
  const texts = await posted(`%%post @me\n${code}`)
  expect(texts).toEqual([expect.stringMatching(bar)])
})

test('a bar that was closed and left nothing in the notebook leaves nothing in the post', async () => {
  const texts = await posted(`%%post @me
from tqdm.notebook import tqdm
for n in tqdm(range(2), desc="outer"):
    for m in tqdm(range(2), desc="inner", leave=False): pass
print("end")`)
  expect(texts).toEqual([expect.stringMatching(/^outer: 100% .* 2\/2 /), 'end'])
})

test('a live post shows how far bars are, one of widgets and one on stderr', async () => {
  const file = join(site.folder, 'go-on')
  const cell = site.run(`%%post --live @me
import os, time
from tqdm import tqdm as printed
from tqdm.notebook import tqdm
for n in printed(tqdm(range(4), mininterval=0), mininterval=0, ncols=40):
    while n == 3 and not os.path.exists(${JSON.stringify(file)}): time.sleep(0.01)`)
  const look = async () => {
    const texts = textsOf((await site.posts()).at(-1))
    return texts.some((text) => text.includes('75%')) && texts
  }
  expect(await until(look, 'the live post shows 75%')).toEqual([
    expect.stringMatching(/^75% \|█+ +\| 3\/4 /),
    expect.stringMatching(/^ 75%\|.* 3\/4 /),
    'running',
  ])
  writeFileSync(file, '')
  await cell
  const all = expect.stringMatching(/^100%.* 4\/4 /)
  expect(textsOf((await site.posts()).at(-1))).toEqual([all, all])
})

test('widgets show their values and labels as they are when the post is made, in their boxes', async () => {
  const texts = await posted(`%%post @me
head, bar = w.Label("old"), w.IntProgress(max=8, description="epochs")
display(w.VBox([
    head,
    w.HBox([w.IntSlider(3, description="rate"), w.Dropdown(options=[("one", object()), ("two", 2)])]),
    bar,
    w.Password(value="hunter2", description="key"),
    w.Accordion([w.Label("closed"), w.Label("opened")], titles=("A", "B"), selected_index=1),
    w.Label("hidden", layout={"display": "none"}),
]))
head.value, bar.value = "new", 2`)
  expect(texts).toEqual([
    'new\nrate: 3 one\nepochs: 25% |██        | 2/8\nkey: ••••\n▸ A\n▾ B\nopened',
    'Widget, see the notebook',
  ])
})

test('%post shows the widgets of the cell before as they are now', async () => {
  await site.run('bar = w.IntProgress(max=4)\nbar')
  await site.run('class later: pass')
  await site.run('bar')
  const texts = await posted('%post @me')
  expect(texts).toEqual(['0% |          | 0/4'])
  await site.run(
    'display(bar); get_ipython().events.register("pre_run_cell", lambda _: setattr(bar, "value", 4))',
  )
  expect(await posted('%post @me')).toEqual(['100% |██████████| 4/4'])
})

test('what an Output widget took stands in its place, and what it cleared is gone', async () => {
  const texts = await posted(`%%post @me
taken = w.Output()
display(w.VBox([w.Label("before"), taken, w.Label("behind")]))
print("outside")
with taken:
    print("gone")
    taken.clear_output()
    print("inside")
    display("shown")
    1 / 0
print("outside too")`)
  expect(texts.slice(0, 3)).toEqual(['before', 'inside', "'shown'"])
  expect(texts.slice(4)).toEqual(['behind', 'outside\noutside too'])
})

test('what an Output widget took elsewhere than it is shown is posted where it was printed', async () => {
  const texts = await posted('%%post @me\nelsewhere = w.Output()\nwith elsewhere: print("kept")')
  expect(texts).toEqual(['kept'])
})

test('interact shows the value and the result', async () => {
  const texts = await posted('%%post @me\nw.interact(lambda x: print("twice", 2 * x), x=10);')
  expect(texts).toEqual(['x: 10', 'twice 20', 'Widget, see the notebook'])
})

test('a widget whose class has methods that raise, print or never end breaks no post', async () => {
  const texts = await posted(`%%post @me
class Bar(w.IntProgress):
    calls = 0
    def __repr__(self):
        Bar.calls += 1
        if Bar.calls == 1: return "as displayed"
        while True: print("again")
    @property
    def children(self): raise SystemExit
class Text(str):
    def __format__(self, *args): raise RuntimeError
    split = strip = __add__ = __format__
display(Bar(50))
w.Label(Text("label"))`)
  expect(texts).toEqual(['50% |█████     | 50/100', 'label'])
})

test('a tree without an end, and one of many widgets, are read up to a bound', async () => {
  const texts = await posted(`%%post @me
box = w.VBox()
box.children = [box, w.Label("in itself")]
many = w.VBox([w.Label(str(n)) for n in range(1100)])
display(many)`)
  expect(texts[0]?.split('\n').length).toBeLessThan(1001)
  expect(texts.at(-1)).toBe('Widget, see the notebook')
})
