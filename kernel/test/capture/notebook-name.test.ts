// The name of the notebook, as Jupyter's server and VS Code tell it. Python:
// `python/test/magics/test_notebook_name.py`.
import { expect, test } from '@jest/globals'
import { notebookOfCell, notebookOfSession } from '../../src/capture/notebook-name.ts'

test.each([
  ['/home/ada/run/train.ipynb', 'train.ipynb'],
  ['C:\\run\\train.ipynb', 'train.ipynb'],
  ['train-jvsc-0a1b2c3d-0000-4000-8000-abcdefabcdef.ipynb', 'train.ipynb'],
  ['run/train.ipynb-jvsc-0a1b2c3d-0000-4000-8000-abcdefabcdef', 'train.ipynb'],
  ['3f2b-session-id', undefined],
  ['.ipynb', undefined],
  [undefined, undefined],
])('the notebook of the session %j is %j', (session, name) => {
  expect(notebookOfSession({ JPY_SESSION_NAME: session })).toBe(name)
})

test.each([
  ['vscode-notebook-cell:/home/ada/a%20b%23.ipynb#W0sZmlsZQ%3D%3D', 'a b#.ipynb'],
  ['vscode-notebook-cell:/c%3A/run/train.ipynb#X1', 'train.ipynb'],
  ['vscode-notebook-cell://ssh-remote%2Bhost/home/ada/train.ipynb#W0', 'train.ipynb'],
  ['vscode-notebook-cell:Untitled-1.ipynb?jupyter-notebook#W0', 'Untitled-1.ipynb'],
  ['vscode-notebook-cell:/home/ada/100%.ipynb#W0', '100%.ipynb'],
  ['vscode-notebook-cell:/home/ada/script.py#W0', undefined],
  ['5c7c8b0e-1b1c-4b43-9d8e-2f8f4f0d2f3a', undefined],
  [7, undefined],
  [undefined, undefined],
])('the notebook of the cell %j is %j', (cellId, name) => {
  expect(notebookOfCell({ cellId })).toBe(name)
})

test('a long name is cut to what a post takes', () => {
  expect(notebookOfSession({ JPY_SESSION_NAME: `${'a'.repeat(300)}.ipynb` })).toHaveLength(200)
})
