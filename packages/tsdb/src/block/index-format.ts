/** The file that finds series and chunks of a block. */
export const INDEX_FILE = "index";
export const INDEX_MAGIC = 0xbaaad700;
/** The version written; 1 to 3 are read. */
export const INDEX_VERSION = 2;
export const INDEX_HEADER_BYTES = 5;
/** Series entries begin at multiples of this; a reference is the offset divided by it. */
export const SERIES_ALIGNMENT = 16;
/** Six offsets of sections and a checksum, at the file's end. */
export const TOC_BYTES = 6 * 8 + 4;
