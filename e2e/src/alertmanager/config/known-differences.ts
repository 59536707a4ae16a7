interface KnownDifference {
  readonly why: string;
  readonly is: (text: string, theirs: string, ours: string) => boolean;
}

const bothRefuse = (theirs: string, ours: string): boolean => [theirs, ours].every((one) => one.startsWith("FAILED"));

/** Files on which the two part, and why. */
const KNOWN: readonly KnownDifference[] = [
  {
    why: "broken YAML is described by another parser; that it is broken, both say",
    is: (_, theirs) => /^FAILED: yaml: (?!unmarshal errors)/.test(theirs),
  },
  {
    why: "what is broken YAML 1.2, where theirs reads on and refuses the keys or values it then finds",
    is: (_, theirs, ours) => bothRefuse(theirs, ours) && /^FAILED: yaml: (?!unmarshal errors)/.test(ours),
  },
  {
    why: "of a key given twice only the second value is looked at",
    is: (_, theirs, ours) => bothRefuse(theirs, ours) && ours.includes("already set") && theirs.includes("already set"),
  },
  { why: "an anchor within itself is refused before the keys are looked at", is: (text) => text.includes("&x [*x]") },
  { why: "of tracing only its keys are kept: this build records no traces", is: (text) => text.includes("tracing:") },
  { why: "labels of a route came with 0.34", is: (text) => /routes: \[\{labels/.test(text) },
  {
    why: "null where a mapping or a range belongs: Alertmanager takes it for an empty one, or falls over it",
    is: (text) => /\[null[\],]/.test(text),
  },
  {
    why: "null for http_config is none to Alertmanager, the default to ours",
    is: (text) => text.includes("http_config: null"),
  },
  { why: "a comment needs a blank before it, says YAML; theirs does not", is: (text) => /[\]}]#/.test(text) },
  { why: "a list as a key is refused by the YAML reader", is: (text) => /\{\[\]:/.test(text) },
  { why: "a mapping with nothing in it is an empty file to ours", is: (text) => /^(?:---)?\s*\{\}/.test(text) },
  {
    why: "the kinds of receivers have packages of their own, which shows in the name of the list that one is not",
    is: (_, theirs) => /into \[\]\*\w+$/m.test(theirs),
  },
];

export const isKnownDifference = (text: string, theirs: string, ours = ""): boolean =>
  KNOWN.some(({ is }) => is(text, theirs, ours));
