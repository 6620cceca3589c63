#!/usr/bin/env node
// Syntax that any Node parses: the message about the version has to be readable by those who need it.
// biome-ignore-all lint/complexity/useArrowFunction: see above
// biome-ignore-all lint/style/useTemplate: see above
// biome-ignore-all lint/style/useNodejsImportProtocol: an old Node does not know the protocol
var childProcess = require('child_process')
var fs = require('fs')
var module_ = require('module')
var path = require('path')

var wanted = 24
var packed = path.join(__dirname, '..', 'dist', 'main.js')
var source = path.join(__dirname, '..', 'src', 'main.ts')
var condition = '--conditions=@waymark/source'

// Compiled code, and TypeScript without its types, are kept between runs: a third of the start of a process.
if (module_.enableCompileCache) module_.enableCompileCache()

if (parseInt(process.versions.node, 10) < wanted) {
  console.error(
    'Waymark needs Node ' +
      wanted +
      ' or newer; this is ' +
      process.version +
      '. Install it from https://nodejs.org and try again.',
  )
  process.exit(1)
} else if (!fs.existsSync(source)) {
  require(packed)
} else if (process.execArgv.indexOf(condition) !== -1) {
  require(source)
} else {
  runSources()
}

// The package has no sources. In the repository they are what runs, however old a build beside them is; that takes a Node that was
// started with their condition.
function runSources() {
  var args = [condition].concat(process.execArgv, source, process.argv.slice(2))
  if (process.platform !== 'win32') {
    process.execve(process.execPath, [process.execPath].concat(args), process.env)
  }
  var child = childProcess.spawn(process.execPath, args, { stdio: 'inherit' })
  process.on('SIGINT', function () {})
  child.on('exit', function (code) {
    process.exit(code === null ? 130 : code)
  })
}
