// Libraries of old decorators, used as their own pages write it, in local files
// and in cells. They are not among
// the packages of this project: JUPYTERPOST_TEST_DECORATORS names a `node_modules` that has
// class-validator, inversify, reflect-metadata and typeorm.
import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from '@jest/globals'
import { NotebookFolder } from '../helpers/folder.ts'
import { closeAll } from '../helpers/started.ts'

const packages = process.env['JUPYTERPOST_TEST_DECORATORS']

afterAll(closeAll)

const FILES = {
  'tsconfig.json':
    '{ "compilerOptions": { "experimentalDecorators": true, "emitDecoratorMetadata": true } }',
  'post.ts': `
    import { IsEmail, IsInt, Length, Max, Min, validate } from 'class-validator'
    export class Post {
      @Length(10, 20)
      title: string
      @IsInt() @Min(0) @Max(10)
      rating: number
      @IsEmail()
      email: string
    }
    export async function check(): Promise<string[]> {
      const post = new Post()
      post.title = 'Hello'
      post.rating = 11
      post.email = 'nobody'
      return (await validate(post)).map((error) => error.property)
    }
  `,
  'ninja.ts': `
    import 'reflect-metadata'
    import { Container, inject, injectable } from 'inversify'
    const TYPES = { Warrior: Symbol.for('Warrior'), Weapon: Symbol.for('Weapon') }
    interface Weapon { hit(): string }
    @injectable() class Katana implements Weapon { public hit() { return 'cut' } }
    @injectable() class Shuriken { throw() { return 'hit' } }
    @injectable() class Ninja {
      constructor(@inject(TYPES.Weapon) private weapon: Weapon, private shuriken: Shuriken) {}
      fight() { return this.weapon.hit() + ' ' + this.shuriken.throw() }
    }
    const container = new Container()
    container.bind<Weapon>(TYPES.Weapon).to(Katana)
    container.bind(Shuriken).toSelf()
    container.bind<Ninja>(TYPES.Warrior).to(Ninja)
    export const fight = () => container.get<Ninja>(TYPES.Warrior).fight()
  `,
  'photo.ts': `
    import 'reflect-metadata'
    import { Column, Entity, ManyToOne, OneToMany, PrimaryGeneratedColumn, getMetadataArgsStorage } from 'typeorm'
    import type { Relation } from 'typeorm'
    @Entity() export class Photo {
      @PrimaryGeneratedColumn() id: number
      @Column({ length: 100 }) name: string
      @Column() isPublished: boolean
      @ManyToOne(() => User, (user) => user.photos) user: Relation<User>
    }
    @Entity() export class User {
      @PrimaryGeneratedColumn() id: number
      @OneToMany(() => Photo, (photo) => photo.user) photos: Photo[]
    }
    export const columns = () => getMetadataArgsStorage().columns.map((one) => one.options.type?.name).join()
  `,
}

const run = packages === undefined ? test.skip : test

run.each([
  [
    'class-validator',
    "import { check } from './post'; (await check()).join()",
    "'title,rating,email'",
  ],
  ['inversify', "import { fight } from './ninja'; fight()", "'cut hit'"],
  ['typeorm', "import { columns } from './photo'; columns()", "'Number,String,Boolean,Number'"],
])('%s works as its pages write it', async (_name, code, value) => {
  const notebook = await NotebookFolder.open(FILES)
  symlinkSync(packages ?? '', join(notebook.path, 'node_modules'))
  expect(await notebook.shown(code)).toBe(value)
})

/** The file as a cell: only its last statement differs. */
const asCell = (file: keyof typeof FILES) => FILES[file].replaceAll(/^ +/gm, '')

run.each([
  ['class-validator', asCell('post.ts'), '(await check()).join()', "'title,rating,email'"],
  ['inversify', asCell('ninja.ts'), 'fight()', "'cut hit'"],
  ['typeorm', asCell('photo.ts'), 'columns()', "'Number,String,Boolean,Number'"],
])('%s works in cells', async (_name, cell, next, value) => {
  const notebook = await NotebookFolder.open({ 'tsconfig.json': FILES['tsconfig.json'] })
  symlinkSync(packages ?? '', join(notebook.path, 'node_modules'))
  expect((await notebook.client.execute(cell)).reply.content['status']).toBe('ok')
  expect(await notebook.shown(next)).toBe(value)
})
