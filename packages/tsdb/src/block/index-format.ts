/** Name of the file with the series of a block and the positions of their chunks. */
export const INDEX_FILE = "index";
export const INDEX_MAGIC = 0xbaaad700;
/** The version that is written; 1 to 3 can be read. */
export const INDEX_VERSION = 2;
export const INDEX_HEADER_BYTES = 5;
/** Series entries begin at multiples of this; a reference is the offset divided by it. */
export const SERIES_ALIGNMENT = 16;
/** Six offsets of sections and a checksum, at the end of the file. */
export const TOC_BYTES = 6 * 8 + 4;
