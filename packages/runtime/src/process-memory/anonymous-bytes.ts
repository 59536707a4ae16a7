import { readFileSync } from "node:fs";

/**
 * Bytes of the machine's memory that are this process' alone: what it maps of files comes and goes with what it does, and
 * no collection makes it less. Where the system does not tell, all that is resident.
 */
export function anonymousBytes(): number {
  try {
    const kilobytes = /^RssAnon:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "latin1"))?.[1];
    if (kilobytes !== undefined) return Number(kilobytes) * 1024;
  } catch {
    // Not Linux.
  }
  return process.memoryUsage.rss();
}
