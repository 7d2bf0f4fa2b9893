// How well text can be read on its background, as WCAG 2.2 counts it (1.4.3; 3 is the least for
// large text and for signs).
import type { Page } from 'playwright-core'
import { z } from 'zod'

const Styles = z.array(z.object({ color: z.string(), grounds: z.array(z.string()) }))

/**
 * Runs in the page: for each element its colour, and the backgrounds behind it, from its own to the
 * page's.
 */
const readStyles = (selector: string) => `Array.from(
  document.querySelectorAll(${JSON.stringify(selector)}),
  (element) => {
    const grounds = []
    for (let at = element; at !== null; at = at.parentElement) grounds.push(getComputedStyle(at).backgroundColor)
    return { color: getComputedStyle(element).color, grounds }
  },
)`

type Color = readonly [red: number, green: number, blue: number, alpha: number]
const WHITE: Color = [255, 255, 255, 1]

/** Contrast of each of these elements' text with its background, from 1 to 21. */
export async function contrasts(page: Page, selector: string): Promise<number[]> {
  const styles = Styles.parse(await page.evaluate(readStyles(selector)))
  return styles.map(({ color, grounds }) => {
    const behind = grounds.map(parse).reduceRight((below, ground) => over(ground, below), WHITE)
    const [low = 0, high = 0] = [over(parse(color), behind), behind]
      .map(luminance)
      .toSorted((a, b) => a - b)
    return (high + 0.05) / (low + 0.05)
  })
}

/** `rgb(1, 2, 3)` or `rgba(1, 2, 3, 0.5)`. */
function parse(css: string): Color {
  const [red = 0, green = 0, blue = 0, alpha = 1] = (css.match(/[\d.]+/g) ?? []).map(Number)
  return [red, green, blue, alpha]
}

function over([red, green, blue, alpha]: Color, below: Color): Color {
  const mix = (value: number, under: number) => value * alpha + under * (1 - alpha)
  return [mix(red, below[0]), mix(green, below[1]), mix(blue, below[2]), 1]
}

function luminance([red, green, blue]: Color): number {
  return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
}

/** From sRGB, 0 to 255. */
function linear(value: number): number {
  const part = value / 255
  return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
}
