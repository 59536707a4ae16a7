import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { packageOf, root, sourceFiles } from "../sources.ts";
import { oddConstructions, type Sentence, sentencesOfPage, sentencesOfSource } from "./sentences.ts";

/**
 * Measured text of a package or of a group of documentation pages: the number of its sentences, and the sentences that
 * are hard to read.
 */
export interface Folder {
  readonly sentences: number;
  /** Sentences with a construction that is hard to read. */
  readonly odd: readonly Sentence[];
}

const PAGES = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md"];

function pages(): (readonly [folder: string, path: string])[] {
  const docs = readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".md"))
    .map((name) => ["docs", `docs/${name}`] as const);
  return [...PAGES.map((name) => [name, name] as const), ...docs];
}

/** Returns the hard sentences of each package, of the documentation, and of each page in the root folder. */
export function measuredFolders(): Map<string, Folder> {
  const all = [
    ...sourceFiles().map((source) => [packageOf(source.path), sentencesOfSource(source)] as const),
    ...pages().map(
      ([folder, path]) => [folder, sentencesOfPage(path, readFileSync(join(root, path), "utf8"))] as const,
    ),
  ];
  return new Map(
    [...Map.groupBy(all, ([folder]) => folder)].map(([folder, rows]) => {
      const sentences = rows.flatMap(([, list]) => list);
      return [
        folder,
        { sentences: sentences.length, odd: sentences.filter(({ text }) => oddConstructions(text).length > 0) },
      ];
    }),
  );
}

/** Reads `budgets.tsv`: the largest accepted number of hard sentences of each folder. */
export const readBudgets = (
  text = readFileSync(new URL("budgets.tsv", import.meta.url), "utf8"),
): Map<string, number> =>
  new Map(
    text
      .trim()
      .split("\n")
      .slice(1)
      .map((line) => line.split("\t"))
      .map(([folder = "", most]) => [folder, Number(most)]),
  );
