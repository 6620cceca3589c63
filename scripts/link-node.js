// Plain JavaScript: runs on the machine's own Node, at the end of every install. npm 10 makes no `node` command when several
// optional packages offer one; this makes it. npm 11 and 12 need nothing.
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'

const windows = process.platform === 'win32'
const name = `node-${windows ? 'win' : process.platform}-${process.arch}`
const command = new URL(`../node_modules/.bin/node${windows ? '.cmd' : ''}`, import.meta.url)
if (existsSync(new URL(`../node_modules/${name}/bin`, import.meta.url))) {
  mkdirSync(new URL('.', command), { recursive: true })
  if (!existsSync(command)) {
    if (windows) writeFileSync(command, `@"%~dp0\\..\\${name}\\bin\\node.exe" %*\r\n`)
    else symlinkSync(`../${name}/bin/node`, command)
  }
} else if (Number.parseInt(process.versions.node, 10) < 24) {
  console.error(`Waymark needs Node 24; this is ${process.version}. Install Node 24 or newer, then run npm install again.`)
  process.exitCode = 1
}
