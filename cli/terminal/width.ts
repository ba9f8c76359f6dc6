/** Characters that a line of the stream may have: what a pipe or a file gets is neither broken nor cut. */
export const widthOf = ({ columns }: { readonly columns?: number }): number =>
  columns ?? Number.POSITIVE_INFINITY;
