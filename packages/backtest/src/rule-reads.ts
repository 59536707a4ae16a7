import { readsOf, type RuleSpec } from "@narthex/rules";

/** Reports whether the first rule may read series that the second rule writes. */
export type RuleReads = (reader: RuleSpec, writer: RuleSpec) => boolean;

/** Returns the reads of rules. The selectors of each rule are collected once, because all pairs of rules are compared. */
export function ruleReads(specs: readonly RuleSpec[]): RuleReads {
  const reads = new Map(specs.map((spec) => [spec, readsOf(spec)]));
  return (reader, writer) => reads.get(reader)!(writer);
}
