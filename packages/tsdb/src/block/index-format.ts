/** Name of the file with the series of a block and the positions of their chunks. */
export const INDEX_FILE = "index";
export const INDEX_MAGIC = 0xbaaad700;
/** Format version of new index files. Versions 1 to 3 can be read. */
export const INDEX_VERSION = 2;
export const INDEX_HEADER_BYTES = 5;
/**
 * Alignment of series entries in the index file, bytes. A series reference is the entry's offset divided by this
 * number.
 */
export const SERIES_ALIGNMENT = 16;
/** Size of the table of contents at the end of the file: six offsets of sections and a checksum. */
export const TOC_BYTES = 6 * 8 + 4;
