export interface Row {
  readonly name: string;
  readonly status?: string;
  readonly node?: string;
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
    rows: rows.map(({ name, status = 'Running', node = `node-of-${name}` }) => ({
      cells: [name, '2/2', status, '0', '5d', '10.0.0.1', node],
      object: null,
    })),
  });
