// Files of posts: fetched with the page's secret, which `<img>` and links cannot send, and shown or
// saved from memory.
import { SHOWN_IMAGES } from '../../../post/contract/shown-images.ts'
import type { ReadPost } from '../../../post/contract/schema.ts'
import { make } from './dom.ts'
import { save } from './save.ts'

/** Gets the bytes of a file; `undefined` if they still have this `tag`. @throws {Error} */
export type FetchFile = (
  path: string,
  tag: string | undefined,
) => Promise<{ blob: Blob; tag: string | undefined } | undefined>

interface Picture {
  url: string
  tag: string | undefined
}

/** A picture is loaded when it is this near to the window. */
const NEAR = '600px'

export class Files {
  readonly #fetch: FetchFile
  /** The last loaded picture by path, so that a changing post does not flicker. */
  readonly #pictures = new Map<string, Picture>()
  readonly #loads = new WeakMap<Element, () => void>()
  readonly #near: IntersectionObserver

  constructor(fetchFile: FetchFile) {
    this.#fetch = fetchFile
    this.#near = new IntersectionObserver(
      (entries) => {
        for (const { target, isIntersecting } of entries) {
          if (!isIntersecting) continue
          this.#near.unobserve(target)
          this.#loads.get(target)?.()
        }
      },
      { rootMargin: NEAR },
    )
  }

  view(post: ReadPost, index: number, alt: string): HTMLElement | undefined {
    const file = post.files[index]
    if (!file) return undefined
    const path = pathOf(post.id, index)
    return SHOWN_IMAGES.has(file.mimetype)
      ? this.#picture(path, file.mimetype, alt || file.name)
      : this.#download(path, file)
  }

  /** Frees the memory of a post that was removed. */
  forget(id: string): void {
    const start = pathOf(id, '')
    for (const [path, { url }] of this.#pictures) {
      if (!path.startsWith(start)) continue
      URL.revokeObjectURL(url)
      this.#pictures.delete(path)
    }
  }

  #picture(path: string, mimetype: string, alt: string): HTMLElement {
    const image = make('img', { alt })
    const link = make('a', { target: '_blank', rel: 'noopener' }, image)
    const figure = make('figure', {}, link)
    const show = ({ url }: Picture) => {
      image.src = url
      link.href = url
    }
    const known = this.#pictures.get(path)
    if (known) show(known)
    this.#loads.set(figure, () => {
      this.#load(path, mimetype).then(show, (error: unknown) => {
        if (image.src === '') figure.replaceChildren(failure(alt, error))
      })
    })
    this.#near.observe(figure)
    return figure
  }

  async #load(path: string, mimetype: string): Promise<Picture> {
    const known = this.#pictures.get(path)
    const got = await this.#fetch(path, known?.tag)
    if (!got) {
      if (known) return known
      throw new Error('The relay sent no bytes')
    }
    if (known) URL.revokeObjectURL(known.url)
    // Always one of the four types that a browser shows only as a picture, whatever the answer
    // says.
    const url = URL.createObjectURL(new Blob([got.blob], { type: mimetype }))
    const picture = { url, tag: got.tag }
    this.#pictures.set(path, picture)
    return picture
  }

  #download(path: string, { name, size }: ReadPost['files'][number]): HTMLElement {
    const button = make(
      'button',
      { type: 'button' },
      make('span', { class: 'name' }, name),
      ' ',
      make('span', { class: 'size' }, sizeText(size)),
    )
    const place = make('p', { class: 'file' }, button)
    button.addEventListener('click', () => {
      button.disabled = true
      this.#save(path, name)
        .catch((error: unknown) => place.append(' ', failure(name, error)))
        .finally(() => {
          button.disabled = false
        })
    })
    return place
  }

  async #save(path: string, name: string): Promise<void> {
    const got = await this.#fetch(path, undefined)
    if (!got) throw new Error('The relay sent no bytes')
    save(name, got.blob)
  }
}

function pathOf(id: string, index: number | ''): string {
  return `api/v1/posts/${encodeURIComponent(id)}/files/${index}`
}

function failure(name: string, error: unknown): HTMLElement {
  const why = Error.isError(error) ? error.message : 'it did not load'
  return make('span', { class: 'notice' }, `${name}: ${why}`)
}

function sizeText(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`
  if (bytes < 1_000_000) return `${(bytes / 1000).toFixed(1)} kB`
  return `${(bytes / 1_000_000).toFixed(1)} MB`
}
