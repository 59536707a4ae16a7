import { type SyntaxNode, treeOf, visitNodes } from "./syntax-tree.ts";

/** Words of a call whose tests prove nothing. Tests after `skipIf` and `runIf` run on some machines. */
const PROVING_NOTHING = ["skip", "todo", "fails"];

/**
 * Returns the test titles of a file, as they are written in the source. Leaves out comments, skipped tests and suites,
 * `todo` tests, and tests that must fail.
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

/** Returns the names of a callee: `test`, `each` for `test.each(table)(…)`. */
function wordsOf({ type, name, object, property, callee }: SyntaxNode): string[] {
  if (type === "Identifier") return [name!];
  if (type === "MemberExpression") return [...wordsOf(object!), ...wordsOf(property!)];
  return type === "CallExpression" ? wordsOf(callee!) : [];
}
