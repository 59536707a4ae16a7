import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";

export interface SourceFile {
  /** Path from the root, with forward slashes. */
  readonly path: string;
  readonly lines: readonly string[];
  readonly isTest: boolean;
}

export const root: string = new URL("..", import.meta.url).pathname;

/**
 * Folders of command-line programs. The code in these folders reads only files of the program's user. The servers that
 * the programs start are in other folders.
 */
const TOOLS = ["apps/narthex/", "apps/release/", "apps/docs/"];

/** Reports whether bytes from outside may reach the code of a file. */
export const meetsForeignBytes = ({ path, isTest }: SourceFile): boolean =>
  !isTest && !TOOLS.some((tool) => path.startsWith(tool));

const SOURCE_FOLDERS = ["packages", "apps", "e2e", "bench", "checks"];
const SKIPPED = new Set(["node_modules", "dist", ".turbo"]);

/** Returns every TypeScript source of the workspace. */
export function sourceFiles(): SourceFile[] {
  return SOURCE_FOLDERS.flatMap((folder) => filesIn(join(root, folder)));
}

function filesIn(folder: string): SourceFile[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry): SourceFile[] => {
    if (SKIPPED.has(entry.name) || entry.name.startsWith("dist.")) return [];
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return filesIn(path);
    if (!/\.tsx?$/.test(entry.name)) return [];
    return [readSource(path)];
  });
}

function readSource(path: string): SourceFile {
  const shown = relative(root, path).replaceAll("\\", "/");
  return {
    path: shown,
    lines: readFileSync(path, "utf8").split("\n"),
    isTest:
      /(\.(test|bench)\.tsx?|\/bundle\.ts)$/.test(shown) ||
      shown.includes("/testing/") ||
      /^(e2e|bench|checks)\//.test(shown),
  };
}

/** Returns the workspace package of a file: `packages/model`, `apps/server`, `e2e` … */
export const packageOf = (path: string): string => /^(?:(?:packages|apps)\/[^/]+|[^/]+)/.exec(path)![0];

export interface Manifest {
  readonly name: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

/** Returns the package.json contents of packages/ and apps/, by folder. */
export function manifests(): Map<string, Manifest> {
  const out = new Map<string, Manifest>();
  for (const folder of ["packages", "apps"]) {
    for (const name of readdirSync(join(root, folder))) {
      out.set(
        `${folder}/${name}`,
        JSON.parse(readFileSync(join(root, folder, name, "package.json"), "utf8")) as Manifest,
      );
    }
  }
  return out;
}

export interface Import {
  readonly line: number;
  readonly specifier: string;
}

const IMPORT = /(?:^|\s)(?:import|export)\s(?:[^"';]*?\sfrom\s)?["']([^"']+)["']|\bimport\(\s*["']([^"']+)["']\s*\)/g;

/** Returns the static and dynamic module specifiers that a file imports. */
export function importsOf(file: SourceFile): Import[] {
  const text = file.lines.map((line) => (/^\s*(\*|\/\/|\/\*)/.test(line) ? "" : line)).join("\n");
  return [...text.matchAll(IMPORT)].map((match) => ({
    line: text.slice(0, match.index + match[0].length).split("\n").length,
    specifier: match[1] ?? match[2]!,
  }));
}
