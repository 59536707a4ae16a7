import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const IMPORT = /import\s*\{([^}]*)\}\s*from\s*"(@mantine\/core|@tabler\/icons-react)"/g;

/**
 * The components and icons that sources below a folder import from libraries whose index a bundler sees as one module that
 * needs all the others.
 * @param leftOut name of a folder whose sources count for nothing
 */
export function importedNames(folder: string, leftOut: string): ReadonlySet<string> {
  const names = new Set<string>();
  for (const path of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
    if (!/\.tsx?$/.test(path) || path.split(/[\\/]/)[0] === leftOut) continue;
    for (const [, list] of readFileSync(join(folder, path), "utf8").matchAll(IMPORT))
      for (const name of list.split(","))
        names.add(
          name
            .trim()
            .replace(/^type\s+/, "")
            .replace(/\s+as\s.*$/, ""),
        );
  }
  return names;
}
