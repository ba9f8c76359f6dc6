import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * A command in network, process and mount namespaces of its own. When it ends, or this one is killed, the kernel
 * ends every process in them and removes their interfaces and routes.
 * https://man7.org/linux/man-pages/man1/unshare.1.html
 */
export function inNamespace(command: readonly string[]): readonly [string, ...string[]] {
  // Whoever is not root may be so in a user namespace.
  const user = process.getuid?.() === 0 ? [] : ['--map-root-user'];
  return ['unshare', ...user, '--net', '--pid', '--fork', '--kill-child', '--mount-proc', ...command];
}

/** Why no network namespace can be set up here, in one line; undefined: it can. */
export async function whyNoNamespace(): Promise<string | undefined> {
  if (!(await works('ip', '-V'))) {
    const install = 'apt-get install -y iproute2';
    if (process.env.CI !== 'true' || process.getuid?.() !== 0)
      return `the command ip is missing; on Debian: ${install}`;
    if (!(await works('sh', '-c', `apt-get update && ${install}`))) return `"${install}" failed`;
  }
  const [command, ...args] = inNamespace(['ip', 'link', 'set', 'lo', 'up']);
  const allowed = await works(command, ...args);
  return allowed ? undefined : 'a network namespace needs root, or unprivileged user namespaces';
}

const works = (command: string, ...args: string[]) =>
  run(command, args).then(
    () => true,
    () => false,
  );
