// A short formula as a line of plain text, `r^2` as `r²`, for a chat that shows formulas only on
// lines of their own. A formula that needs more than letters, signs and scripts has no such form.
import { lowered, raised } from './scripts.ts'

/** UTF-16 units. A longer formula is not read in a line. */
const MOST = 200

const SIGNS: Readonly<Record<string, string>> = {
  ...letters('alpha:α beta:β gamma:γ delta:δ epsilon:ϵ varepsilon:ε zeta:ζ eta:η theta:θ iota:ι'),
  ...letters('kappa:κ lambda:λ mu:μ nu:ν xi:ξ pi:π rho:ρ sigma:σ tau:τ phi:φ varphi:φ chi:χ psi:ψ'),
  ...letters('omega:ω Gamma:Γ Delta:Δ Theta:Θ Lambda:Λ Xi:Ξ Pi:Π Sigma:Σ Phi:Φ Psi:Ψ Omega:Ω'),
  ...letters('infty:∞ partial:∂ nabla:∇ ell:ℓ hbar:ℏ prime:′ degree:° ldots:… dots:… cdots:⋯'),
  ...letters('langle:⟨ rangle:⟩ lvert:| rvert:| mid:| colon::'),
  ...letters(
    'displaystyle: textstyle: left: right: big: Big: limits: ,: !: ;: :: {:{ }:} %:% &:& #:#',
  ),
  ...letters('$:$ _:_ |:‖'),
}
/** With a blank on both sides. */
const RELATIONS: Readonly<Record<string, string>> = letters(
  'times:× cdot:· pm:± mp:∓ le:≤ leq:≤ ge:≥ geq:≥ ne:≠ neq:≠ approx:≈ equiv:≡ sim:∼ propto:∝ ' +
    'll:≪ gg:≫ to:→ rightarrow:→ leftarrow:← Rightarrow:⇒ mapsto:↦ in:∈ notin:∉ subset:⊂ ' +
    'subseteq:⊆ cup:∪ cap:∩ land:∧ lor:∨ forall:∀ exists:∃',
)
/** Their argument is shown as it is. */
const UPRIGHT = new Set(['text', 'mathrm', 'operatorname', 'textrm', 'mbox'])
const FUNCTIONS = new Set(
  'sin cos tan log ln exp min max det dim lim arg sinh cosh tanh'.split(' '),
)
const ALONE = /[\p{L}\d.,:;!?'"()[\]/|]/u
const OPERATORS = '=<>+-*'

function letters(list: string): Record<string, string> {
  return Object.fromEntries(
    list.split(' ').map((pair) => {
      const at = pair.indexOf(':', 1)
      return [pair.slice(0, at), pair.slice(at + 1)]
    }),
  )
}

/** Undefined if it has no such form. */
export function plainTex(tex: string): string | undefined {
  if (tex.length > MOST) return undefined
  try {
    return new Reader(tex).all().replaceAll(/ +/g, ' ').trim() || undefined
  } catch (error) {
    if (error instanceof NoPlainForm) return undefined
    throw error
  }
}

class NoPlainForm extends Error {
  override name = 'NoPlainForm'
}

class Reader {
  readonly #tex: string
  #at = 0

  constructor(tex: string) {
    this.#tex = tex
  }

  all(): string {
    let text = ''
    while (this.#at < this.#tex.length) text += this.#item(text)
    return text
  }

  /** @param before - The text so far: a minus after it is an operator, at the start a sign. */
  #item(before: string): string {
    const character = this.#tex[this.#at] ?? ''
    if (character === '^' || character === '_') return this.#script(character)
    if (character === '{') return this.#group()
    if (character === '\\') return this.#command()
    this.#at += 1
    if (/\s/.test(character)) return ''
    if (OPERATORS.includes(character)) {
      const sign = character === '-' ? '−' : character
      return before.trim() === '' || /[=<>(,]\s*$/.test(before.slice(-3)) ? sign : ` ${sign} `
    }
    if (!ALONE.test(character)) throw new NoPlainForm()
    return character === ',' || character === ';' ? `${character} ` : character
  }

  #script(mark: string): string {
    this.#at += 1
    const inner = this.#argument().replaceAll(' ', '')
    const text =
      mark === '^' ? (inner === '°' ? '°' : inner === '′' ? '′' : raised(inner)) : lowered(inner)
    if (text === undefined) throw new NoPlainForm()
    return text
  }

  #argument(): string {
    if (this.#at >= this.#tex.length) throw new NoPlainForm()
    return this.#item('')
  }

  #group(): string {
    this.#at += 1
    let text = ''
    while (this.#tex[this.#at] !== '}') {
      if (this.#at >= this.#tex.length) throw new NoPlainForm()
      text += this.#item(text)
    }
    this.#at += 1
    return text
  }

  #command(): string {
    const [whole = '\\', name = ''] = /^\\([A-Za-z]+|[^])/.exec(this.#tex.slice(this.#at)) ?? []
    this.#at += whole.length
    if (UPRIGHT.has(name)) return this.#upright()
    if (FUNCTIONS.has(name)) return ` ${name} `
    if (name === 'circ') return '°'
    if (name === 'quad' || name === 'qquad' || name === ' ') return ' '
    if (Object.hasOwn(RELATIONS, name)) return ` ${RELATIONS[name] ?? ''} `
    if (Object.hasOwn(SIGNS, name)) return SIGNS[name] ?? ''
    throw new NoPlainForm()
  }

  #upright(): string {
    const close = this.#tex.indexOf('}', this.#at)
    const text = this.#tex.slice(this.#at + 1, close)
    if (this.#tex[this.#at] !== '{' || close === -1 || /[\\{$]/.test(text)) throw new NoPlainForm()
    this.#at = close + 1
    return text
  }
}
