/**
 * Owns one throw-away PostgreSQL. When its standard input closes (the process that started it has ended, however that was, or wants it
 * so) it ends the server and removes its folder. When the server ends by itself the folder stays: it may be started again.
 * Arguments: folder, uid or '', the command and its arguments.
 */
import { spawn } from 'node:child_process'
import { rmSync } from 'node:fs'

const [folder = '', uid = '', postgres = '', ...args] = process.argv.slice(2)
const user = uid === '' ? {} : { uid: Number(uid), gid: Number(uid) }
const server = spawn(postgres, args, { stdio: ['ignore', 'inherit', 'inherit'], ...user })
let isRemoving = false
const end = () => {
  isRemoving = true
  server.kill('SIGQUIT')
}
process.stdin.on('end', end).resume()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, end)
server.on('exit', (code) => {
  if (isRemoving) rmSync(folder, { recursive: true, force: true })
  process.exit(code ?? 0)
})
