const MIB = 1024 * 1024;
const MIN_BYTES = 10 * MIB;
const MAX_BYTES = 256 * MIB;
const PAGE_BYTES = 32 * 1024;

/** Returns the reason why a WAL segment size is invalid, or undefined if it is valid. 0 means the default. */
export function segmentSizeProblem(flag: string, bytes: number | undefined): string | undefined {
  if (bytes === undefined || bytes === 0) return undefined;
  if (bytes < MIN_BYTES || bytes > MAX_BYTES) return `flag '${flag}' must be set between 10MB and 256MB`;
  return bytes % PAGE_BYTES === 0 ? undefined : "invalid segment size";
}

export const segmentBytes = (bytes: number | undefined): number | undefined => (bytes === 0 ? undefined : bytes);
