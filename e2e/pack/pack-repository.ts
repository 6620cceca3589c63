/** Every public package as npm would publish it: built and packed from a copy of this repository, so that `dist` stays out of the tree. */
import { execFile } from 'node:child_process'
import { cpSync, existsSync, globSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs'
import { basename, delimiter, dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { userEnvironment } from '../../scripts/user-environment.ts'

export interface Manifest {
  readonly name: string
  readonly version: string
  readonly private?: boolean
  readonly workspaces?: readonly string[]
  readonly exports?: Readonly<Record<string, unknown>>
  readonly devDependencies?: Readonly<Record<string, string>>
}

const root = resolve(import.meta.dirname, '../..')
export const rootManifest = readManifest(root)
const folders = (rootManifest.workspaces ?? [])
  .flatMap((pattern) => globSync(`${pattern}/package.json`, { cwd: root }))
  .map(dirname)
export const packages = folders
  .map((folder) => ({ folder, manifest: readManifest(join(root, folder)) }))
  .filter(({ manifest }) => manifest.private !== true)

// The pinned Node comes first; for the rest, npm runs as it does in a user's shell.
const shell = userEnvironment()
export const env = { ...shell, PATH: `${dirname(process.execPath)}${delimiter}${shell.PATH}`, NO_COLOR: '1' }

/** Packs all of them into a folder; their names are those of `tarballName`. */
export async function packRepository(temporary: string, tarballs: string): Promise<void> {
  const copy = join(temporary, 'repository')
  copyRepository(copy)
  await run(copy, process.execPath, bin('typescript', 'bin/tsc'), '-b', 'tsconfig.build.json')
  mkdirSync(tarballs)
  for (const { folder } of packages) await run(join(copy, folder), 'npm', 'pack', '--pack-destination', tarballs)
}

export function tarballName({ name, version }: Manifest): string {
  return `${name.replace('@', '').replace('/', '-')}-${version}.tgz`
}

/** A program of a package that this repository has installed. */
export function bin(name: string, file: string): string {
  return join(root, 'node_modules', name, file)
}

/** What the command printed; rejects with all of its output when it fails. */
export function run(cwd: string, command: string, ...args: string[]): Promise<string> {
  return runWith({}, cwd, command, ...args)
}

/** The same, with more in its environment. */
export async function runWith(
  more: Readonly<Record<string, string>>,
  cwd: string,
  command: string,
  ...args: string[]
): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(command, args, {
      cwd,
      env: { ...env, ...more },
      shell: process.platform === 'win32',
      maxBuffer: 2 ** 26,
    })
    return stdout
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string }
    throw new Error(`${basename(command)} ${args.join(' ')} failed:\n${stdout}${stderr}`)
  }
}

/** This repository without what is built, with its installed packages linked in and its workspaces linked to the copy. */
function copyRepository(copy: string): void {
  const left = new Set(['node_modules', 'dist', '.git', '.cache', '.waymark'])
  cpSync(root, copy, { recursive: true, filter: (path) => !left.has(basename(path)) })
  const modules = join(copy, 'node_modules')
  mkdirSync(modules)
  const workspaces = new Set(folders.map((folder) => readManifest(join(root, folder)).name))
  for (const name of readdirSync(join(root, 'node_modules'))) {
    if (!/^(\.|@waymark)/.test(name) && !workspaces.has(name)) link(join(root, 'node_modules', name), join(modules, name))
  }
  for (const folder of folders) {
    link(join(copy, folder), join(modules, readManifest(join(root, folder)).name))
    const own = join(root, folder, 'node_modules')
    if (existsSync(own)) link(own, join(copy, folder, 'node_modules'))
  }
}

function link(target: string, path: string): void {
  mkdirSync(dirname(path), { recursive: true })
  symlinkSync(target, path, 'junction')
}

function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest
}
