const encoder = new TextEncoder();

/** Bytes of a text in UTF-8: what positions and line lengths are counted in. */
export const byteLength = (text: string): number => encoder.encode(text).length;
