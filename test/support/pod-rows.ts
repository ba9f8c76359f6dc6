export interface Row {
  readonly name: string;
  readonly status?: string;
  readonly node?: string;
  readonly age?: string;
  readonly ip?: string;
}

/** A page of pods as kube-apiserver prints it with includeObject=None. */
export const table = (rows: readonly Row[], next = '') =>
  JSON.stringify({
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata: { resourceVersion: '42', ...(next && { continue: next, remainingItemCount: 1 }) },
    columnDefinitions: ['Name', 'Ready', 'Status', 'Restarts', 'Age', 'IP', 'Node'].map((name) => ({
      name,
      type: 'string',
    })),
    rows: rows.map(({ name, status = 'Running', node = `node-of-${name}`, age = '5d', ip = '10.0.0.1' }) => ({
      cells: [name, '2/2', status, '0', age, ip, node],
      object: null,
    })),
  });
