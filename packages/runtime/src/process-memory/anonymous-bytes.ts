import { readFileSync } from "node:fs";

/**
 * Returns the number of bytes of memory that belong to this process alone. Mapped files are excluded, because no
 * collection reduces them. Returns all resident memory if the system does not report this number.
 */
export function anonymousBytes(): number {
  try {
    const kilobytes = /^RssAnon:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "latin1"))?.[1];
    if (kilobytes !== undefined) return Number(kilobytes) * 1024;
  } catch {
    // Ignores a missing /proc/self/status, because only Linux has this file.
  }
  return process.memoryUsage.rss();
}
