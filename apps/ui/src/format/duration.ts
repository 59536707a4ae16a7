const unitsMs: ReadonlyArray<readonly [string, number]> = [
  ["y", 365 * 86_400_000],
  ["w", 7 * 86_400_000],
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1000],
  ["ms", 1],
];

const shape = /^(?:(\d+)y)?(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?$/;

/** Parses a Prometheus duration such as `1h30m` to ms. Returns null for any other text. */
export function parseDuration(text: string): number | null {
  if (text === "") return null;
  if (text === "0") return 0;
  const found = shape.exec(text);
  if (found === null) return null;
  return unitsMs.reduce((sum, [, factor], index) => sum + Number(found[index + 1] ?? 0) * factor, 0);
}

/**
 * Formats whole milliseconds as a Prometheus duration. Weeks and years are used only if they fit exactly, as in
 * Prometheus.
 */
export function formatDuration(durationMs: number): string {
  let rest = Math.round(durationMs);
  if (rest <= 0) return "0s";
  let text = "";
  for (const [unit, factor] of unitsMs) {
    const exactOnly = unit === "y" || unit === "w";
    if (exactOnly && rest % factor !== 0) continue;
    const count = Math.floor(rest / factor);
    if (count === 0) continue;
    text += `${count}${unit}`;
    rest -= count * factor;
  }
  return text;
}

/** Formats a duration with its two largest units (`3d 4h`). Durations below one second have three digits (`2.31ms`). */
export function humanizeDuration(durationMs: number): string {
  const sign = durationMs < 0 ? "-" : "";
  const size = Math.abs(durationMs);
  if (size === 0) return "0s";
  if (size < 1000) return `${sign}${trimZeros(size.toPrecision(3))}ms`;
  if (size < 60_000) return `${sign}${trimZeros((size / 1000).toPrecision(3))}s`;
  const parts: string[] = [];
  let rest = Math.round(size / 1000) * 1000;
  for (const [unit, factor] of unitsMs) {
    if (unit === "w" || unit === "ms") continue;
    const count = Math.floor(rest / factor);
    if (count > 0) parts.push(`${count}${unit}`);
    else if (parts.length > 0) break;
    if (parts.length === 2) break;
    rest -= count * factor;
  }
  return sign + parts.join(" ");
}

function trimZeros(digits: string): string {
  const plain = Number(digits).toString();
  return plain.includes("e") ? digits : plain;
}
