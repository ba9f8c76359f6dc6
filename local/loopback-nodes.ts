import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import type { Server } from 'node:net';
import { METRICS_PORT } from '../lambda/contract.ts';

/** Where nodes that are read directly are: Linux answers on every address of 127.0.0.0/8. */
export const LOOPBACK_NODES = '127.64.0.0/10';
const ADDRESSES = 2 ** 22;

/** Most likely elsewhere than those of other processes. */
let next = randomInt(ADDRESSES);

/**
 * Has a listener take tcp/61678 of an address that no other has.
 * @param listenerOf called for each attempt
 * @throws Error where the system has no such addresses
 */
export async function onNextAddress(
  listenerOf: () => Server,
): Promise<{ readonly address: string; readonly listener: Server }> {
  for (;;) {
    const address = `127.${64 + (next >> 16)}.${(next >> 8) & 255}.${next & 255}`;
    next = (next + 1) % ADDRESSES;
    try {
      return { address, listener: await listenAt(address, listenerOf()) };
    } catch (error) {
      const { code } = Object(error);
      if (code === 'EADDRNOTAVAIL')
        throw new Error(
          `This system has no loopback address ${address}, which nodes that are read directly need. Linux has all of 127.0.0.0/8.`,
          { cause: error },
        );
      if (code !== 'EADDRINUSE') throw error;
    }
  }
}

/** @returns the listener, which listens */
export async function listenAt(address: string, listener: Server): Promise<Server> {
  listener.listen({ port: METRICS_PORT, host: address });
  await once(listener, 'listening');
  return listener;
}
