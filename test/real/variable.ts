/** The variable with the paths of the parts, as JSON; without it the scenarios are skipped. */
export const PARTS_VARIABLE = 'REAL_PARTS';
