import { leasedState } from '../../../../lambda/adapters/state/leased-state.ts';
import { memoryObject, type StoredObjects } from '../../../../lambda/adapters/state/memory-object.ts';
import { CLUSTER, stateStoreContract } from '../../../support/state-store-contract.ts';

const NAME = 'memory';

stateStoreContract('memory', async () => {
  const objects: StoredObjects = new Map();
  const object = memoryObject(NAME, objects);
  return {
    open: (owner, clock) => leasedState({ object, cluster: CLUSTER, owner, clock }),
    bytes: async (name = NAME) => objects.get(name),
    async overwrite(bytes) {
      if (bytes) objects.set(NAME, bytes);
      else objects.delete(NAME);
    },
    close: async () => {},
  };
});
