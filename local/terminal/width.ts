/** Where no terminal says how wide it is. */
const PIPE_COLUMNS = 120;

/** Characters that a line of it may have. */
export const widthOf = (stream: NodeJS.WriteStream): number => stream.columns ?? PIPE_COLUMNS;
