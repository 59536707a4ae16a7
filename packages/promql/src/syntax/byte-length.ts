const encoder = new TextEncoder();

/** Size of a text in UTF-8, the unit of positions and line lengths. */
export const byteLength = (text: string): number => encoder.encode(text).length;
