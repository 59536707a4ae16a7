/** JSON members without those that are empty, as upstream leaves them out: "", false, [] and undefined. */
export const present = (members: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => !isEmpty(value)));

const isEmpty = (value: unknown): boolean =>
  value === "" || value === false || value === undefined || (Array.isArray(value) && value.length === 0);
