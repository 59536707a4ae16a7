import { type SyntaxNode, treeOf, visitNodes } from "./syntax-tree.ts";

/**
 * Modifiers of tests that are skipped or must fail. `skipIf` and `runIf` are absent, because their tests run on some
 * machines.
 */
const PROVING_NOTHING = ["skip", "todo", "fails"];

/**
 * Returns the test titles of a file as written in the source. Omits comments, skipped tests and suites, `todo` tests,
 * and tests that must fail.
 */
export function testTitles(text: string, path: string): string[] {
  const titles: string[] = [];
  visitNodes(treeOf(text, path), (node) => {
    if (node.type !== "CallExpression") return true;
    const words = wordsOf(node.callee!);
    const [title, settings] = node.arguments!;
    const isSkipped =
      settings?.type === "ObjectExpression" && /\b(?:skip|todo|fails)\b/.test(text.slice(settings.start, settings.end));
    if (isSkipped || words.some((word) => PROVING_NOTHING.includes(word))) return false;
    if (words[0] === "test" && title !== undefined && /^["`]/.test(text[title.start]!))
      titles.push(text.slice(title.start + 1, title.end - 1));
    return true;
  });
  return titles;
}

/** Returns the identifiers of a callee, for example `test` and `each` for `test.each(table)(…)`. */
function wordsOf({ type, name, object, property, callee }: SyntaxNode): string[] {
  if (type === "Identifier") return [name!];
  if (type === "MemberExpression") return [...wordsOf(object!), ...wordsOf(property!)];
  return type === "CallExpression" ? wordsOf(callee!) : [];
}
