// A figure that is PDF -> PNG by PDFium as WebAssembly: without files, network or scripts, and with
// no fonts but its own and those inside the PDF.
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { PDFiumLibrary } from '@hyzyla/pdfium'
import type { PDFiumDocument } from '@hyzyla/pdfium'

import { MOST_PIXELS_DRAWN } from '../jobs.ts'
import type { Outcome, PictureLimits } from '../jobs.ts'
import { opaquePng } from './png.ts'

/** Pixels in a point (1/72 inch) at the size that a screen shows. */
const SCREEN = 96 / 72
/** Device pixels in a pixel: text stays sharp on dense screens. */
const DENSITY = 2
const ATTEMPTS = 6

let loaded: Promise<Awaited<ReturnType<typeof PDFiumLibrary.init>>> | undefined

async function load(): ReturnType<typeof PDFiumLibrary.init> {
  const path = fileURLToPath(import.meta.resolve('@hyzyla/pdfium/pdfium.wasm'))
  const { buffer, byteOffset, byteLength } = await readFile(path)
  const wasmBinary = new Uint8Array(buffer, byteOffset, byteLength).slice().buffer
  return PDFiumLibrary.init({ wasmBinary })
}

/** A document of several pages is no figure: it is better attached than shown in part. */
export async function drawPdf(bytes: Uint8Array, limits: PictureLimits): Promise<Outcome> {
  const library = await (loaded ??= load())
  let document
  try {
    document = await library.loadDocument(bytes)
  } catch (error) {
    // It broke the library, which must not be used again.
    if (Error.isError(error) && error.name === 'RuntimeError') throw error
    return { kind: 'unreadable', why: 'it is broken, or has a password' }
  }
  try {
    const pages = document.getPageCount()
    if (pages !== 1) return { kind: 'unreadable', why: `it has ${pages} pages` }
    return await drawPage(document, limits)
  } finally {
    document.destroy()
  }
}

async function drawPage(document: PDFiumDocument, limits: PictureLimits): Promise<Outcome> {
  let page = document.getPage(0)
  const { originalWidth: width, originalHeight: height } = page.getOriginalSize()
  const most = Math.min(limits.pixels, MOST_PIXELS_DRAWN)
  let zoom = Math.min(DENSITY, Math.sqrt(most / (width * height)) / SCREEN)
  // The library takes the page's size without its fraction.
  if (!(zoom * SCREEN * Math.min(Math.floor(width), Math.floor(height)) >= 1))
    return { kind: 'unreadable', why: `its size of ${width} × ${height} cannot be drawn` }
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const drawn = await page.render({ scale: zoom * SCREEN, render: pixelsOf })
    const bytes = opaquePng(drawn.data, drawn.width, drawn.height)
    if (bytes.byteLength <= limits.bytes) {
      const notes =
        zoom < 1 ? [`drawn at ${Math.max(1, Math.round(zoom * 100))} % of its size`] : []
      return { kind: 'picture', bytes, extension: 'png', notes }
    }
    // The library closes a page that it has drawn.
    page = document.getPage(0)
    zoom *= Math.min(0.8, Math.sqrt(limits.bytes / bytes.byteLength) * 0.95)
  }
  return { kind: 'unreadable', why: 'it is too large for the chat at any size' }
}

async function pixelsOf({ data }: { data: Uint8Array }): Promise<Uint8Array> {
  return Promise.resolve(data)
}
