// How the page gets in: with the code in its link it registers a key, once; with the key it opens a
// session at each visit. Before it signs anything, the relay must show, by the key that it had when
// the page was let in, that it is the same relay at the same address.
import {
  PAGE_KEY,
  PAGE_SIGNATURE,
  statement,
  thumbprintText,
} from '../../../post/contract/page-access.ts'
import type { Meeting, PublicKey } from '../../../post/contract/page-access.ts'
import { ask, Refusal } from './ask.ts'
import { isPublicKey, keep, loadKept, tellLetIn } from './key-store.ts'
import type { Kept } from './key-store.ts'

/** The relay does not know a key of this browser. `message`: what it said about a code, if any. */
export class NotLetIn extends Error {}

/** The program that answers is not the relay that let this browser in. */
export class OtherProgram extends Error {}

/** Registers the browser with a link's code. @throws {NotLetIn} {Error} if nobody answers */
export async function register(code: string): Promise<void> {
  const pair = (await knownPair()) ?? (await newPair())
  const key = await publicHalf(pair)
  const answer = await refusedAsNotLetIn(ask('api/v1/page/keys', { body: { code, key } }))
  if (!isRecord(answer) || !isPublicKey(answer.relay)) throw new OtherProgram()
  await keep({ pair, relay: answer.relay })
  tellLetIn()
}

/** A key that the relay already knows. Any other may be from a program that had this address. */
async function knownPair(): Promise<CryptoKeyPair | undefined> {
  const kept = await loadKept()
  if (!kept) return undefined
  try {
    await meet(kept)
    return kept.pair
  } catch (error) {
    if (error instanceof NotLetIn || error instanceof OtherProgram) return undefined
    throw error
  }
}

function newPair(): Promise<CryptoKeyPair> {
  return crypto.subtle.generateKey(PAGE_KEY, false, ['sign', 'verify'])
}

/** The secret of a new session. @throws {NotLetIn} {OtherProgram} {Error} if nobody answers */
export async function openSession(): Promise<{ secret: string; instance: string }> {
  const kept = await loadKept()
  if (!kept) throw new NotLetIn()
  const meeting = await meet(kept)
  const signature = await sign(kept, statement('page', meeting))
  const body = { challenge: meeting.challenge, signature }
  const opened = await refusedAsNotLetIn(ask('api/v1/page/sessions', { body, mayClear: true }))
  if (!isRecord(opened) || typeof opened.secret !== 'string') throw new OtherProgram()
  return { secret: opened.secret, instance: meeting.instance }
}

/** The relay's challenge, checked: it comes from the relay and is for this page, here and now. */
async function meet(kept: Kept): Promise<Meeting> {
  const nonce = base64url(crypto.getRandomValues(new Uint8Array(24)))
  const key = await thumbprint(await publicHalf(kept.pair))
  const answer = await refusedAsNotLetIn(ask('api/v1/page/challenges', { body: { key, nonce } }))
  if (!isRecord(answer) || !isMeeting(answer.meeting)) throw new OtherProgram()
  const { meeting, signature } = answer
  const relay = await thumbprint(kept.relay)
  const isOurs =
    meeting.origin === location.origin &&
    meeting.relay === relay &&
    meeting.key === key &&
    meeting.nonce === nonce
  if (!isOurs || typeof signature !== 'string') throw new OtherProgram()
  if (!(await isSigned(kept.relay, statement('relay', meeting), signature)))
    throw new OtherProgram()
  return meeting
}

async function refusedAsNotLetIn(answer: Promise<unknown>): Promise<unknown> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof Refusal && error.status === 403) throw new NotLetIn(error.message)
    // A relay gives no other answer to these: neither "busy" nor "full".
    if (error instanceof Refusal && error.status < 500) throw new OtherProgram()
    throw error
  }
}

async function publicHalf({ publicKey }: CryptoKeyPair): Promise<PublicKey> {
  const { x = '', y = '' } = await crypto.subtle.exportKey('jwk', publicKey)
  return { x, y }
}

async function thumbprint(key: PublicKey): Promise<string> {
  const bytes = new TextEncoder().encode(thumbprintText(key))
  return base64url(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)))
}

async function sign({ pair }: Kept, text: string): Promise<string> {
  const bytes = new TextEncoder().encode(text)
  return base64url(new Uint8Array(await crypto.subtle.sign(PAGE_SIGNATURE, pair.privateKey, bytes)))
}

async function isSigned({ x, y }: PublicKey, text: string, signature: string): Promise<boolean> {
  try {
    const jwk = { kty: 'EC', crv: PAGE_KEY.namedCurve, x, y }
    const key = await crypto.subtle.importKey('jwk', jwk, PAGE_KEY, false, ['verify'])
    const bytes = new TextEncoder().encode(text)
    return await crypto.subtle.verify(PAGE_SIGNATURE, key, fromBase64url(signature), bytes)
  } catch {
    return false // DOMException: not a signature at all
  }
}

function base64url(bytes: Uint8Array): string {
  const base64 = btoa(String.fromCharCode(...bytes))
  return base64.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}

function fromBase64url(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'))
  return Uint8Array.from(binary, (character) => character.charCodeAt(0))
}

function isMeeting(value: unknown): value is Meeting {
  const texts = ['origin', 'relay', 'instance', 'key', 'nonce', 'challenge']
  return isRecord(value) && texts.every((name) => typeof value[name] === 'string')
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
