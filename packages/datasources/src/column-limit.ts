/** Largest number of columns of a table. Pages cannot show more. */
export const MAX_COLUMNS = 2000;
