/** Limits of a plugin's archive. */
export const MAX_FILES = 100;
export const MAX_PACKED_BYTES = 8 * 1024 * 1024;
export const MAX_UNPACKED_BYTES = 16 * 1024 * 1024;
