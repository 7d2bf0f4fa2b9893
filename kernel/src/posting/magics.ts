// The magics that post, as rows for the table of magics, and the services that they share.
import type { Receipt } from '../../../post/relay/receipt.ts'
import type { Magic } from '../magics/magic.ts'
import { Autopost, autopostMagic } from './autopost.ts'
import { OpenPosts } from './open-posts.ts'
import type { Poster, PostServices } from './post-services.ts'
import { postMagic } from './post.ts'

export type MadeServices = PostServices & { autopost: Autopost }

export function postingMagics(services: MadeServices): Magic[] {
  return [postMagic(services), autopostMagic(services.autopost, services)]
}

/** Adds to what the kernel knows what the magics share. */
export function postServices<P extends Poster>(
  known: Pick<PostServices, 'notebook' | 'folder'> & { poster: P },
  accepted: (receipt: Receipt) => void = () => undefined,
  watches: PostServices['watches'] = { tell: () => undefined },
): MadeServices & { poster: P } {
  const services = {
    ...known,
    threads: new Set<string>(),
    open: new OpenPosts(),
    accepted,
    watches,
  }
  return { ...services, autopost: new Autopost(services) }
}
