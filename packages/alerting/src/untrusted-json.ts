/** Latest time that a JavaScript Date can represent, Unix ms. */
const LAST_MOMENT = 8.64e15;

/** Reports whether a value is a time in Unix ms that a Date can represent. */
export const isTime = (found: unknown): found is number => typeof found === "number" && Math.abs(found) <= LAST_MOMENT;

/** Reports whether a value is an object whose values are strings. */
export const isTextMap = (found: unknown): found is Readonly<Record<string, string>> =>
  typeof found === "object" &&
  found !== null &&
  !Array.isArray(found) &&
  Object.values(found).every((value) => typeof value === "string");

export const isTextList = (found: unknown): found is readonly string[] =>
  Array.isArray(found) && found.every((value) => typeof value === "string");
