const prefixes: ReadonlyArray<readonly [number, string]> = [
  [1e24, "Y"],
  [1e21, "Z"],
  [1e18, "E"],
  [1e15, "P"],
  [1e12, "T"],
  [1e9, "G"],
  [1e6, "M"],
  [1e3, "k"],
  [1, ""],
  [1e-3, "m"],
  [1e-6, "µ"],
  [1e-9, "n"],
];

/** Formats a number with an SI prefix and at most `decimals` decimals, without trailing zeros: `1.25k`. */
export function formatSi(value: number, decimals: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf";
  if (value === 0) return "0";
  const size = Math.abs(value);
  const [factor, prefix] = prefixes.find(([limit]) => size >= limit) ?? [1e-9, "n"];
  if (size < 1e-9 || size >= 1e27) return value.toExponential(Math.min(decimals, 3));
  return Number((value / factor).toFixed(decimals)).toString() + prefix;
}

/** Formats the labels of an axis with the fewest decimals, from 2 to 8, with which all ticks differ. */
export function formatTicks(ticks: readonly number[]): string[] {
  for (let decimals = 2; decimals < 8; decimals++) {
    const labels = ticks.map((tick) => formatSi(tick, decimals));
    if (new Set(labels).size === new Set(ticks).size) return labels;
  }
  return ticks.map((tick) => formatSi(tick, 8));
}

/** Formats an integer with thousands separators, independent of the locale: `12,345`. */
export function formatCount(count: number): string {
  return count.toLocaleString("en-US");
}

/** Formats bytes in binary units: `1.5 MiB`. */
export function formatBytes(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let size = bytes;
  let unit = 0;
  while (Math.abs(size) >= 1024 && unit < units.length - 1) {
    size /= 1024;
    unit++;
  }
  return `${unit === 0 ? size : size.toFixed(1)} ${units[unit] ?? ""}`;
}
