export type QueryType = "vector" | "scalar" | "matrix" | "string";

/** An expression or another part of a generated query, as a tree: text with nested parts. */
export interface QueryNode {
  readonly type: QueryType;
  readonly parts: readonly (string | QueryNode)[];
}

/** Returns a template tag that creates a query part of the given type, such as `vector\`sum(${x})\``. */
const template =
  (type: QueryType) =>
  (texts: TemplateStringsArray, ...parts: readonly (string | QueryNode)[]): QueryNode => ({
    type,
    parts: texts.flatMap((text, i) => (i < parts.length ? [text, parts[i]!] : [text])),
  });

export const vector = template("vector");
export const scalar = template("scalar");
export const matrix = template("matrix");
export const text = template("string");

export const printQuery = (node: QueryNode): string =>
  node.parts.map((part) => (typeof part === "string" ? part : printQuery(part))).join("");

/** The simplest queries of each type, with which parts of a failed query are replaced. */
const SIMPLEST: Readonly<Record<QueryType, readonly string[]>> = {
  vector: ["limit", "errors_total"],
  scalar: ["1"],
  matrix: ["errors_total[5m]"],
  string: ['"a"'],
};

/**
 * Yields simpler queries that are derived from a query. A simpler query is a part of the query alone, or the query with
 * one part simplified. The greatest simplifications come first.
 */
export function* simpler(node: QueryNode): Generator<QueryNode> {
  const whole = printQuery(node);
  for (const part of descendants(node)) if (part.type === node.type) yield part;
  for (const simple of SIMPLEST[node.type]) {
    if (simple.length < whole.length) yield { type: node.type, parts: [simple] };
  }
  for (const [i, part] of node.parts.entries()) {
    if (typeof part === "string") continue;
    for (const less of simpler(part)) yield { type: node.type, parts: node.parts.with(i, less) };
  }
}

function* descendants(node: QueryNode): Generator<QueryNode> {
  for (const part of node.parts) {
    if (typeof part === "string") continue;
    yield part;
    yield* descendants(part);
  }
}
