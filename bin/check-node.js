// The version check that must run on any Node: plain old JavaScript, no dependency.
var major = parseInt(process.versions.node.split('.')[0], 10)
if (major < 24) {
  process.stderr.write(
    'jupyterpost needs Node 24 or newer, this is Node ' +
      process.versions.node +
      '.\nIn a clone: run `npm install` with npm 11 (it brings its own Node 24), then start it by `npm start` or `npm test`.\n' +
      'Elsewhere: install Node 24 from your package manager, or with `npm install --global node@24`.\n',
  )
  process.exit(2)
}
