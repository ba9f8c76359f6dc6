import { run } from './run.ts';

const { stdout, stderr } = process;

// Whoever reads a pipe may stop at any time, as `head` does.
for (const stream of [stdout, stderr])
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit();
  });

process.exitCode = await run(process.argv.slice(2), stdout, stderr);
