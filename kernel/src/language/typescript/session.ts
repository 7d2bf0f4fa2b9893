// TypeScript's API session: questions about types themselves. The requests are those of the package
// `typescript/unstable/async`, which is not loaded: it is large, and we need seven of them.
import type { MessageConnection } from 'vscode-jsonrpc/node'
import { WHOLE_TYPES } from './messages.ts'
import type {
  Member,
  MemberAnswer,
  Owned,
  Project,
  Snapshot,
  SymbolHandle,
  TypeHandle,
} from './messages.ts'

/** Classes and interfaces that the members of one type come from. */
const OWNERS = 40

export class TypeSession {
  readonly #connection: MessageConnection
  readonly #uri: (name: string) => string
  /** The same as long as the server lives: all documents belong to one. */
  #project: string | undefined

  /** @param uri - Of a document. */
  constructor(connection: MessageConnection, uri: (name: string) => string) {
    this.#connection = connection
    this.#uri = uri
  }

  /**
   * The types of the names at these UTF-16 offsets, as TypeScript writes them: whole, and names
   * with their modules (`import("/folder/x").Name`).
   */
  async types(name: string, offsets: readonly number[]): Promise<string[]> {
    if (offsets.length === 0) return []
    return this.#inSnapshot(name, async (session, place) => {
      const known = { ...place, positions: offsets }
      const types = await session.sendRequest<TypeHandles>('getTypesAtPositions', known)
      return typeTexts(session, place, types)
    })
  }

  /**
   * What `complete` has just found after a dot, in the same order: owners, and the types of those
   * that `wanted` picks.
   */
  members(
    name: string,
    offset: number,
    wanted: (members: readonly Owned[]) => ReadonlySet<string>,
  ): Promise<Member[]> {
    return this.#inSnapshot(name, async (session, place) => {
      const question = { ...place, position: offset, includeSymbol: true }
      const found = await session.sendRequest<MemberAnswer | null>(
        'getCompletionsAtPosition',
        question,
      )
      const entries = (found?.entries ?? []).flatMap(({ name: member, symbol }) =>
        symbol ? [{ name: member, owner: symbol.parent, symbol: symbol.id }] : [],
      )
      const owners = await ownerNames(session, place, entries)
      const members = entries.map((entry) => ({ ...entry, owner: owners.get(entry.owner) }))
      const names = wanted(members)
      const typed = members.filter((member) => names.has(member.name))
      const symbols = typed.map(({ symbol }) => symbol)
      const types = await session.sendRequest<TypeHandles>('getTypesOfSymbols', {
        ...place,
        symbols,
      })
      const texts = await typeTexts(session, place, types)
      const typeOf = new Map(typed.map((member, index) => [member.name, texts[index]]))
      return members.map((member) => ({ ...member, type: typeOf.get(member.name) }))
    })
  }

  /** Asks about the documents as the last request saw them. */
  async #inSnapshot<Answer>(
    name: string,
    question: (session: MessageConnection, place: Place) => Promise<Answer>,
  ): Promise<Answer> {
    const session = this.#connection
    const { snapshot } = await session.sendRequest<Snapshot>('updateSnapshot', {})
    try {
      const file = { uri: this.#uri(name) }
      const found = { snapshot, file }
      this.#project ??= (await session.sendRequest<Project>('getDefaultProjectForFile', found)).id
      return await question(session, { ...found, project: this.#project })
    } finally {
      // Rejects only if the server is gone, and the snapshot with it.
      session.sendRequest('release', { snapshot }).catch(() => undefined)
    }
  }
}

interface Place {
  snapshot: number
  project: string
  file: { uri: string }
}

/** An interface that is declared in parts, as `Array` is, has a symbol for each. */
async function ownerNames(
  session: MessageConnection,
  { snapshot, project }: Place,
  entries: ReadonlyArray<{ owner: number | undefined; symbol: number }>,
): Promise<Map<number | undefined, string>> {
  const firsts = new Map(entries.map(({ owner, symbol }) => [owner, symbol]))
  // One owner, or a list that nobody reads: there is no order.
  if (firsts.size < 2 || firsts.size > OWNERS) return new Map()
  const names = await Promise.all(
    [...firsts].map(async ([owner, objectId]) => {
      const question = { snapshot, project, objectId }
      const parent =
        owner === undefined
          ? null
          : await session.sendRequest<SymbolHandle | null>('getParentOfSymbol', question)
      return [owner, parent?.name ?? ''] as const
    }),
  )
  return new Map(names)
}

type TypeHandles = Array<TypeHandle | null>

function typeTexts(
  session: MessageConnection,
  { snapshot, project }: Place,
  types: TypeHandles,
): Promise<string[]> {
  return Promise.all(
    types.map(async (type) =>
      type === null
        ? 'any'
        : session.sendRequest<string>('typeToString', {
            snapshot,
            project,
            type: type.id,
            flags: WHOLE_TYPES,
          }),
    ),
  )
}
