// Saves bytes that the page has as a file.
import { make } from './dom.ts'

export function save(name: string, content: BlobPart): void {
  // As bytes: then no browser opens it as a page of ours, whatever it contains.
  const url = URL.createObjectURL(new Blob([content], { type: 'application/octet-stream' }))
  make('a', { href: url, download: name }).click()
  setTimeout(() => URL.revokeObjectURL(url), 60_000)
}
