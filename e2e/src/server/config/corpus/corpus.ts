import { readFileSync } from "node:fs";
import { Random } from "../../../support/random.ts";
import { withTypingError, spoil } from "./faults.ts";
import { makeConfig } from "./grammar.ts";
import { writeYaml } from "./yaml-tree.ts";

/**
 * Returns a generated prometheus.yml. Half of the generated files are valid, the other half have one or more errors.
 */
export function makeText(seed: number): string {
  const random = new Random(seed);
  const tree = makeConfig(random);
  const faults = random.weighted([
    [45, 0],
    [35, 1],
    [10, 2],
    [10, 4],
  ]);
  for (let i = 0; i < faults; i++) spoil(tree, random);
  const text = writeYaml(tree, random);
  return random.chance(12) ? withTypingError(text, random) : text;
}

/** Returns hand-written configurations by name: one for each feature that must work. */
export function handMade(): ReadonlyMap<string, string> {
  const text = readFileSync(new URL("hand-made.txt", import.meta.url), "utf8");
  const parts = text.split(/^=== (.*)\n/m).slice(1);
  const found = new Map<string, string>();
  for (let i = 0; i < parts.length; i += 2) found.set(parts[i]!, parts[i + 1]!);
  found.set("byte order mark", "\ufeffglobal: {scrape_interval: 5s}\n");
  found.set("dos line ends", "global:\r\n  scrape_interval: 5s\r\n");
  found.set("control character", "global: {} # \u0007\n");
  found.set("deeply nested", `global: ${"[".repeat(300)}${"]".repeat(300)}\n`);
  return found;
}
