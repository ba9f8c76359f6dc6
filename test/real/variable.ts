/** The variable with the paths of the parts, as JSON; without it the scenarios on them are skipped. */
export const PARTS_VARIABLE = 'REAL_PARTS';

/** The variable with the path of a Python that has moto; without it the scenarios on emulated AWS are skipped. */
export const MOTO_VARIABLE = 'REAL_MOTO';
