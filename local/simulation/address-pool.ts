import type { Random } from './random.ts';

/** An address or a block of addresses of an interface, from which pods get theirs. */
interface Cidr {
  readonly text: string;
  readonly capacity: number;
  assigned: number;
  /** Whether ipamd exposes a series for it: from the first pod on, until ipamd restarts. */
  exposed: boolean;
}

export interface Eni {
  readonly id: string;
  cidrs: Cidr[];
  /** Addresses in use by pods. */
  assigned: number;
}

/** A pod's place: what is given back when it ends. */
interface Place {
  readonly eni: Eni;
  readonly cidr: Cidr;
}

/** ipamd's datastore: the interfaces of a node, their addresses, and which of them pods use. */
export interface AddressPool {
  readonly enis: readonly Eni[];
  /** CIDRs of interfaces that are gone, but whose series ipamd still exposes at 0. */
  readonly forgotten: Set<string>;
  total(): number;
  assigned(): number;
  /** @returns whether there was an address */
  assign(): boolean;
  /** Ends one pod, any; there must be one. */
  release(random: Random): void;
  addEni(id: string, cidrs: readonly string[], capacity: number): void;
  addCidr(eni: Eni, text: string, capacity: number): void;
  removeCidr(eni: Eni, cidr: Cidr): void;
  /** @returns how many pods lost their address with it */
  removeEni(eni: Eni): number;
  /** A new ipamd: it finds the pods again, but only CIDRs in use have a series. */
  restart(): void;
}

export function createAddressPool(): AddressPool {
  let enis: Eni[] = [];
  let places: Place[] = [];
  let total = 0;
  const forgotten = new Set<string>();
  const forget = (cidr: Cidr) => {
    total -= cidr.capacity;
    if (cidr.exposed) forgotten.add(cidr.text);
  };
  const addCidr = (eni: Eni, text: string, capacity: number) => {
    forgotten.delete(text);
    eni.cidrs.push({ text, capacity, assigned: 0, exposed: false });
    total += capacity;
  };

  return {
    get enis() {
      return enis;
    },
    forgotten,
    total: () => total,
    assigned: () => places.length,
    assign() {
      if (places.length === total) return false;
      for (const eni of enis) {
        const cidr = eni.cidrs.find(({ assigned, capacity }) => assigned < capacity);
        if (!cidr) continue;
        cidr.assigned += 1;
        cidr.exposed = true;
        eni.assigned += 1;
        places.push({ eni, cidr });
        return true;
      }
      return false;
    },
    release(random) {
      const index = random.below(places.length);
      const place = places[index];
      const last = places.pop();
      if (!place || !last) return;
      if (last !== place) places[index] = last;
      place.cidr.assigned -= 1;
      place.eni.assigned -= 1;
    },
    addEni(id, cidrs, capacity) {
      const eni: Eni = { id, cidrs: [], assigned: 0 };
      enis.push(eni);
      for (const text of cidrs) addCidr(eni, text, capacity);
    },
    addCidr,
    removeCidr(eni, cidr) {
      eni.cidrs = eni.cidrs.filter((other) => other !== cidr);
      forget(cidr);
    },
    removeEni(eni) {
      enis = enis.filter((other) => other !== eni);
      for (const cidr of eni.cidrs) forget(cidr);
      places = places.filter((place) => place.eni !== eni);
      return eni.assigned;
    },
    restart() {
      forgotten.clear();
      for (const { cidrs } of enis) for (const cidr of cidrs) cidr.exposed = cidr.assigned > 0;
    },
  };
}
