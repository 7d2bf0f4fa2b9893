// What the notebooks of the pictures import: a run that takes no time, its figures, and a line
// chart. It is put beside the notebook as `model.ts`. For a picture in the middle of a run it waits
// while a file named `hold` exists.
import { existsSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import sharp from 'sharp'

const LOOK_EVERY = 50

export interface Step {
  epoch: number
  loss: number
}

/** @param rate - A learning rate over 1 makes the loss grow. */
export async function* run(
  epochs: number,
  { rate = 0.1, hold = epochs }: { rate?: number; hold?: number } = {},
): AsyncGenerator<Step> {
  for (let epoch = 1; epoch <= epochs; epoch++) {
    const falls = 0.85 * Math.exp(-(epoch - 1) / 6) + 0.02 * Math.sin((epoch - 1) * 2.1)
    yield { epoch, loss: 0.08 + (rate > 1 ? 0.6 * epoch ** 0.6 : falls) }
    if (epoch === hold) while (existsSync('hold')) await wait(LOOK_EVERY)
  }
}

export async function train({ epochs }: { epochs: number }): Promise<number[]> {
  const losses = []
  for await (const { loss } of run(epochs)) losses.push(loss)
  return losses
}

export const scores = [
  { model: 'baseline', accuracy: 0.912, minutes: 4 },
  { model: 'small-net', accuracy: 0.958, minutes: 11 },
  { model: 'large-net', accuracy: 0.973, minutes: 38 },
]

/** @returns PNG. */
export function plot(values: number[]): Promise<Buffer> {
  const points = values.map((value, index) => [40 + index * 16, 150 - value * 130].join()).join(' ')
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="440" height="170">
    <rect width="440" height="170" fill="#fff"/>
    <path d="M40 10V150H430" fill="none" stroke="#8a94a3"/>
    <path d="M40 20H430M40 85H430" stroke="#e3e8ef"/>
    <polyline points="${points}" fill="none" stroke="#3178c6" stroke-width="2.5"/>
    <text x="8" y="25" font-family="sans-serif" font-size="12" fill="#556">1.0</text>
    <text x="8" y="90" font-family="sans-serif" font-size="12" fill="#556">0.5</text>
    <text x="395" y="166" font-family="sans-serif" font-size="12" fill="#556">epoch</text>
  </svg>`
  return sharp(Buffer.from(svg)).png().toBuffer()
}
