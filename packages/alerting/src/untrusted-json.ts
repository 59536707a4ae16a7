/** The last time that a Date can represent, Unix ms. Larger numbers also lose whole milliseconds. */
const LAST_MOMENT = 8.64e15;

/** Is a value a time in Unix ms that a Date can represent? */
export const isTime = (found: unknown): found is number => typeof found === "number" && Math.abs(found) <= LAST_MOMENT;

/** Is a value an object of strings? */
export const isTextMap = (found: unknown): found is Readonly<Record<string, string>> =>
  typeof found === "object" &&
  found !== null &&
  !Array.isArray(found) &&
  Object.values(found).every((value) => typeof value === "string");

/** Is a value a list of strings? */
export const isTextList = (found: unknown): found is readonly string[] =>
  Array.isArray(found) && found.every((value) => typeof value === "string");
