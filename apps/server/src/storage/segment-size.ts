const MIB = 1024 * 1024;
const MIN_BYTES = 10 * MIB;
const MAX_BYTES = 256 * MIB;
const PAGE_BYTES = 32 * 1024;

/** Returns why a flag's size of write-ahead log segments cannot be used; undefined if it is valid. 0 is the default. */
export function segmentSizeProblem(flag: string, bytes: number | undefined): string | undefined {
  if (bytes === undefined || bytes === 0) return undefined;
  if (bytes < MIN_BYTES || bytes > MAX_BYTES) return `flag '${flag}' must be set between 10MB and 256MB`;
  return bytes % PAGE_BYTES === 0 ? undefined : "invalid segment size";
}

/** The segment size of a flag; undefined for the default. */
export const segmentBytes = (bytes: number | undefined): number | undefined => (bytes === 0 ? undefined : bytes);
