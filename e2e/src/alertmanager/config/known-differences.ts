import type { KnownDifference } from "../../support/known-differences.ts";

/** Differing results of the original `amtool check-config` and ours for a configuration file. */
export interface VerdictDifference {
  readonly text: string;
  readonly theirs: string;
  readonly ours: string;
}

const bothRefuse = ({ theirs, ours }: VerdictDifference): boolean =>
  [theirs, ours].every((one) => one.startsWith("FAILED"));

/** Accepted differences between the results of the original `amtool check-config` and ours. */
export const KNOWN: readonly KnownDifference<VerdictDifference>[] = [
  {
    reason: "broken YAML is described by another parser; that it is broken, both say",
    share: 0.02,
    applies: ({ theirs }) => /^FAILED: yaml: (?!unmarshal errors)/.test(theirs),
  },
  {
    reason: "what is broken YAML 1.2, where theirs reads on and refuses the keys or values it then finds",
    share: 0.02,
    applies: (one) => bothRefuse(one) && /^FAILED: yaml: (?!unmarshal errors)/.test(one.ours),
  },
  {
    reason: "of a key given twice only the second value is looked at",
    share: 0.02,
    applies: (one) => bothRefuse(one) && [one.ours, one.theirs].every((error) => error.includes("already set")),
  },
  {
    reason: "an anchor within itself is refused before the keys are looked at",
    share: 0.02,
    applies: ({ text }) => text.includes("&x [*x]"),
  },
  {
    reason: "of tracing only its keys are kept: this build records no traces",
    share: 0.02,
    applies: ({ text }) => text.includes("tracing:"),
  },
  {
    reason: "labels of a route came with 0.34",
    since: "0.34",
    share: 0.02,
    applies: ({ text }) => /routes: \[\{labels/.test(text),
  },
  {
    reason: "null where a mapping or a range belongs: Alertmanager takes it for an empty one, or falls over it",
    share: 0.02,
    applies: ({ text }) => /\[null[\],]/.test(text),
  },
  {
    reason: "null for http_config is none to Alertmanager, the default to ours",
    share: 0.02,
    applies: ({ text }) => text.includes("http_config: null"),
  },
  {
    reason: "a comment needs a blank before it, says YAML; theirs does not",
    share: 0.02,
    applies: ({ text }) => /[\]}]#/.test(text),
  },
  { reason: "a list as a key is refused by the YAML reader", share: 0.02, applies: ({ text }) => /\{\[\]:/.test(text) },
  {
    reason: "a mapping with nothing in it is an empty file to ours",
    share: 0.02,
    applies: ({ text }) => /^(?:---)?\s*\{\}/.test(text),
  },
  {
    reason: "the kinds of receivers have packages of their own, which shows in the name of the list that one is not",
    share: 0.02,
    applies: ({ theirs }) => /into \[\]\*\w+$/m.test(theirs),
  },
];
