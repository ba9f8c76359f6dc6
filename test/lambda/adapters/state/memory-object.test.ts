import { leasedState } from '../../../../lambda/adapters/state/leased-state.ts';
import { memoryObject, type Shelf } from '../../../../lambda/adapters/state/memory-object.ts';
import { CLUSTER, stateStoreContract } from '../../../support/state-store-contract.ts';

const NAME = 'memory';

stateStoreContract('memory', async () => {
  const shelf: Shelf = new Map();
  const object = memoryObject(NAME, shelf);
  return {
    open: (owner, clock) => leasedState({ object, cluster: CLUSTER, owner, clock }),
    bytes: async (name = NAME) => shelf.get(name),
    async overwrite(bytes) {
      if (bytes) shelf.set(NAME, bytes);
      else shelf.delete(NAME);
    },
    close: async () => {},
  };
});
