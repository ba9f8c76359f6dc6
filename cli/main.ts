#!/usr/bin/env node
const { stdout, stderr } = process;

// Whoever reads a pipe may stop at any time, as `head` does.
for (const stream of [stdout, stderr])
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit();
  });

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  stderr.write(`eks-cni-metrics needs Node 22.18 or later; this is ${process.versions.node}.\n`);
  process.exitCode = 1;
} else {
  // Not loaded by a Node that may lack what it imports.
  const { run } = await import('./run.ts');
  const code = await run(process.argv.slice(2), stdout, stderr);
  // Not later: an exec plug-in may wait for a login that nobody needs any more.
  stdout.write('', () => stderr.write('', () => process.exit(code)));
}
