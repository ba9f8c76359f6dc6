import { claimedReadings } from '../../../lambda/adapters/claimed-readings.ts';
import { memoryObject, type Shelf } from '../../../lambda/adapters/memory-readings.ts';
import { CLUSTER, readingsStoreContract } from '../../support/readings-store-contract.ts';

const NAME = 'memory';

readingsStoreContract('memory', async () => {
  const shelf: Shelf = new Map();
  const object = memoryObject(NAME, shelf);
  return {
    open: (owner, clock) => claimedReadings({ object, cluster: CLUSTER, owner, clock }),
    bytes: async (name = NAME) => shelf.get(name),
    async overwrite(bytes) {
      if (bytes) shelf.set(NAME, bytes);
      else shelf.delete(NAME);
    },
    close: async () => {},
  };
});
