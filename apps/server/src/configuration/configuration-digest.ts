import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { posix } from "node:path";
import { diskFiles, formatProblem, glob, parseYaml } from "@narthex/config";

/**
 * Returns a digest of a prometheus.yml and of the rule and scrape config files that it names, even if their contents
 * are invalid, and of other files, which the patterns select. Rejects if a file cannot be read or the main file is not YAML.
 */
export async function configurationDigest(file: string, otherFiles: readonly string[] = []): Promise<string> {
  const text = await readFile(file, "utf8");
  const hash = createHash("sha256").update(text);
  for (const key of ["rule_files", "scrape_config_files"]) {
    for (const pattern of patternsIn(text, file, key)) {
      for (const path of await glob(posix.resolve(posix.dirname(file), pattern), diskFiles)) {
        hash
          .update(`${key}\0${path}\0`)
          .update(await readFile(path))
          .update("\0");
      }
    }
  }
  for (const pattern of otherFiles)
    for (const path of await glob(pattern, diskFiles)) hash.update(`other\0${path}\0`).update(await readFile(path));
  return hash.digest("hex");
}

function patternsIn(text: string, file: string, key: string): string[] {
  const { root, problems } = parseYaml(text, file);
  const problem = problems[0];
  if (problem !== undefined) throw new Error(formatProblem(problem));
  const value = root?.kind === "map" ? root.entries.findLast((entry) => entry.key.text === key)?.value : undefined;
  const items = value?.kind === "list" ? value.items : [];
  return items.flatMap((item) => (item.kind === "scalar" && item.text !== "" ? [item.text] : []));
}
