/** The lines of a text exposition, by metric name: HELP, TYPE and series. */
export type FamilyLines = ReadonlyMap<string, ReadonlySet<string>>;

const NAME = /^(?:# (?:HELP|TYPE) )?([A-Za-z_:][\w:]*)/;

/** Groups the lines of a text exposition by metric name. Drops metrics whose name matches `isLeftOut`. */
export function familyLines(text: string, isLeftOut?: RegExp): FamilyLines {
  const families = new Map<string, Set<string>>();
  for (const line of text.split("\n")) {
    const name = NAME.exec(line)?.[1];
    if (name === undefined || isLeftOut?.test(name) === true) continue;
    const known = families.get(name);
    if (known === undefined) families.set(name, new Set([line]));
    else known.add(line);
  }
  return families;
}

/**
 * Compares two text expositions. Returns the missing lines (marked with `-`) and the unexpected lines (marked with
 * `+`).
 */
export function differences(wanted: FamilyLines, found: FamilyLines): string[] {
  const lines: string[] = [];
  for (const name of new Set([...wanted.keys(), ...found.keys()])) {
    const here = wanted.get(name) ?? new Set();
    const there = found.get(name) ?? new Set();
    for (const line of here) if (!there.has(line)) lines.push(`- ${line}`);
    for (const line of there) if (!here.has(line)) lines.push(`+ ${line}`);
  }
  return lines.toSorted();
}
