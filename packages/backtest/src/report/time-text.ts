/** Writes a time in RFC 3339, without fractions of a second. */
export const timeText = (ms: number): string => `${new Date(Math.floor(ms / 1000) * 1000).toISOString().slice(0, 19)}Z`;
