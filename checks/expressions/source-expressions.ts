import { type SourceFile, sourceFiles } from "../sources.ts";
import { lineAt, treeOf, visitNodes } from "../syntax-tree.ts";

/**
 * Returns the regular expression literals of the production code by text and flags, with their positions as
 * `path:line`.
 */
export function expressionsInSources(): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const file of sourceFiles().filter(({ isTest }) => !isTest)) {
    for (const { expression, line } of expressionsIn(file)) {
      const locations = found.get(expression);
      const location = `${file.path}:${line}`;
      if (locations === undefined) found.set(expression, [location]);
      else locations.push(location);
    }
  }
  return found;
}

interface FoundExpression {
  readonly expression: string;
  readonly line: number;
}

function expressionsIn({ path, lines }: SourceFile): FoundExpression[] {
  const text = lines.join("\n");
  const found: FoundExpression[] = [];
  visitNodes(treeOf(text, path), ({ type, regex, start }) => {
    if (type === "Literal" && regex !== undefined)
      found.push({ expression: `/${regex.pattern}/${regex.flags}`, line: lineAt(text, start) });
  });
  return found;
}
