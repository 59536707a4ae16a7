import {
  aggregateOpTerms,
  functionIdentifierTerms,
} from "@prometheus-io/codemirror-promql/dist/esm/complete/promql.terms.js";
import { expect, test } from "vitest";
import { aggregationDoc, functionDoc } from "./function-docs.ts";

test("every function and aggregation operator that the editor completes has documentation under its own name", () => {
  const docs = [
    ...functionIdentifierTerms.map(({ label }) => [label, functionDoc(label)] as const),
    ...aggregateOpTerms.map(({ label }) => [label, aggregationDoc(label)] as const),
  ];
  for (const [label, doc] of docs) {
    expect(doc?.signature, label).toMatch(new RegExp(`^${label}\\(.*\\)$`));
    for (const sentence of doc?.sentences ?? []) expect(sentence, label).toMatch(/[.)]$/);
  }
});
