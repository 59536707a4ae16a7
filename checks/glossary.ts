import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root, type SourceFile } from "./sources.ts";

/** A row of the glossary table in ARCHITECTURE.md. */
export interface GlossaryLine {
  /** Current terms; `meaning` explains them. */
  readonly words: readonly string[];
  readonly meaning: string;
  /** Former terms that must no longer be used. */
  readonly retired: readonly string[];
}

/** Reads the glossary table below the heading "Words". */
export function readGlossary(text = readFileSync(join(root, "ARCHITECTURE.md"), "utf8")): GlossaryLine[] {
  const section = /\n## Words\n(.*?)(?=\n## |$)/s.exec(text)?.[1] ?? "";
  const rows = section.split("\n").filter((line) => line.startsWith("| "));
  return rows.slice(2).map((row) => {
    const [words = "", meaning = "", retired = ""] = row
      .split("|")
      .slice(1)
      .map((cell) => cell.trim());
    return { words: words.split(", ").map((word) => word.replaceAll("`", "")), meaning, retired: namesIn(retired) };
  });
}

const namesIn = (cell: string): string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name!);

/** Splits a name in camel case, kebab case or capitals into words: `LeaseDesk2` → lease, desk, 2. */
export const wordsOf = (name: string): readonly string[] =>
  name
    .replace(/([a-z\d])([A-Z])/g, "$1 $2")
    .replace(/([A-Z]+)([A-Z][a-z])/g, "$1 $2")
    .split(/[\s_-]+/)
    .map((word) => word.toLowerCase());

const EXPORT = /^export (?:declare |abstract |async )*(?:class|interface|type|function\*?|const|let|enum) (\w+)/;

/** Returns the public names of a source file: the file name and the exported names. */
function namesOf({ path, lines }: SourceFile): string[] {
  const file = path.replace(/^.*\//, "").replace(/\..*$/, "");
  return [file, ...lines.flatMap((line) => EXPORT.exec(line)?.slice(1) ?? [])];
}

/** Returns public names of a source file that contain a retired term, each with the term to use instead. */
export function retiredNames(source: SourceFile, glossary: readonly GlossaryLine[]): string[] {
  return namesOf(source).flatMap((name) => {
    const phrase = ` ${wordsOf(name).join(" ")} `;
    return glossary.flatMap(({ words, retired }) =>
      retired
        .filter((word) => phrase.includes(` ${wordsOf(word).join(" ")} `))
        .map((word) => `${source.path}: ${name} says ${word}, which is called ${words.join(" or ")}`),
    );
  });
}
