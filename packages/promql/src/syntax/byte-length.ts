const encoder = new TextEncoder();

/** Returns the size of a text in UTF-8, which is the unit of positions and line lengths. */
export const byteLength = (text: string): number => encoder.encode(text).length;
