import { hash } from "node:crypto";
import { goLower, goUpper } from "./go-case.ts";
import type { LabelsBuilder } from "../labels/labels-builder.ts";
import { isLabelName, type NameValidation } from "../labels/metric-name.ts";
import type { CapturingPattern } from "../pattern/pattern.ts";
import { plainCapture } from "../pattern/plain-capture.ts";
import type { RelabelRule } from "./relabel.ts";
import { ExpansionTemplate } from "../pattern/template-expansion.ts";

/** Applies one relabeling rule to the labels. Returns false if the rule drops the target or series. */
type Step = (builder: LabelsBuilder) => boolean;

/**
 * Default maximum number of results that are cached for each rule. If the labels have more different values, caching
 * costs more time than it saves.
 */
const DEFAULT_MEMORY = 1024;

/**
 * Compiled rules for relabeling many label sets. Results are cached by label name and source value, so that a value is
 * matched against the regular expression only once. Use a new instance for each pass over many label sets.
 */
export class Relabeling {
  readonly #steps: readonly Step[];

  constructor(rules: readonly RelabelRule[], scheme: NameValidation = "utf8", memory: number = DEFAULT_MEMORY) {
    this.#steps = rules.map((rule) => stepOf(rule, scheme, memory));
  }

  /** Applies the rules in order to the labels in the builder. Returns false if a rule drops the target or series. */
  apply(builder: LabelsBuilder): boolean {
    for (const step of this.#steps) if (!step(builder)) return false;
    return true;
  }
}

function stepOf(rule: RelabelRule, scheme: NameValidation, memory: number): Step {
  const { targetLabel } = rule;
  const source = sourceOf(rule);
  switch (rule.action) {
    case "keep":
    case "drop": {
      const test = testOf(rule.regex, memory);
      return rule.action === "keep" ? (builder) => test(source(builder)) : (builder) => !test(source(builder));
    }
    case "keepequal":
      return (builder) => builder.get(targetLabel) === source(builder);
    case "dropequal":
      return (builder) => builder.get(targetLabel) !== source(builder);
    case "replace":
      return replace(rule, source, scheme, memory);
    case "lowercase":
      return always((builder) => builder.set(targetLabel, goLower(source(builder))));
    case "uppercase":
      return always((builder) => builder.set(targetLabel, goUpper(source(builder))));
    case "hashmod":
      return always((builder) => builder.set(targetLabel, hashModulus(source(builder), rule.modulus)));
    case "labelmap":
      return mapNames(rule, memory);
    case "labeldrop":
    case "labelkeep": {
      const test = remembered((name) => rule.regex.test(name), memory);
      const accepts = rule.action === "labelkeep" ? test : (name: string): boolean => !test(name);
      return always((builder) => builder.keep(accepts));
    }
  }
}

function always(change: (builder: LabelsBuilder) => void): Step {
  return (builder) => {
    change(builder);
    return true;
  };
}

/** Returns the values of a rule's source labels, joined by the separator. */
type Source = (builder: LabelsBuilder) => string;

function sourceOf({ sourceLabels, separator }: RelabelRule): Source {
  const [first] = sourceLabels;
  if (first === undefined) return () => "";
  if (sourceLabels.length === 1) return (builder) => builder.get(first);
  return (builder) => {
    let value = builder.get(first);
    for (let i = 1; i < sourceLabels.length; i++) value += separator + builder.get(sourceLabels[i]!);
    return value;
  };
}

function replace(rule: RelabelRule, source: Source, scheme: NameValidation, memory: number): Step {
  const { regex } = rule;
  const target = new ExpansionTemplate(rule.targetLabel, (name) => regex.groupIndex(name));
  const { constant } = target;
  if (constant !== undefined) {
    if (!isLabelName(constant, scheme)) return () => true;
    const replaced = replacementOf(rule, memory);
    return always((builder) => {
      const value = replaced(source(builder));
      if (value !== undefined) builder.set(constant, value);
    });
  }
  const replacement = new ExpansionTemplate(rule.replacement, (name) => regex.groupIndex(name));
  return always((builder) => {
    const groups = regex.exec(source(builder));
    if (groups === undefined) return;
    const name = target.expand(groups);
    if (isLabelName(name, scheme)) builder.set(name, replacement.expand(groups));
  });
}

/**
 * Returns a function that applies a relabeling rule to a text. The function returns undefined if the regular expression
 * does not match.
 */
function replacementOf({ regex, replacement }: RelabelRule, memory: number): (text: string) => string | undefined {
  const template = new ExpansionTemplate(replacement, (name) => regex.groupIndex(name));
  const { constant } = template;
  if (constant !== undefined) {
    const test = testOf(regex, memory);
    return (text) => (test(text) ? constant : undefined);
  }
  if (regex.source === "(.*)" && replacement === "$1") return (text) => text;
  const replaced = (text: string): string | undefined => {
    const groups = regex.exec(text);
    return groups && template.expand(groups);
  };
  return isPlain(regex) ? replaced : remembered(replaced, memory);
}

function mapNames(rule: RelabelRule, memory: number): Step {
  const mapped = remembered(replacementOf(rule, memory), memory);
  return always((builder) => {
    const copies: string[] = [];
    builder.forEach((name, value) => {
      const copy = mapped(name);
      if (copy !== undefined) copies.push(copy, value);
    });
    for (let i = 0; i < copies.length; i += 2) builder.set(copies[i]!, copies[i + 1]!);
  });
}

const isPlain = (pattern: CapturingPattern): boolean => plainCapture(pattern.source) !== undefined;

function testOf(pattern: CapturingPattern, memory: number): (text: string) => boolean {
  const test = (text: string): boolean => pattern.test(text);
  return isPlain(pattern) ? test : remembered(test, memory);
}

/** Returns a function that caches results of `compute` for up to `memory` different texts. */
function remembered<T>(compute: (text: string) => T, memory: number): (text: string) => T {
  const known = new Map<string, { readonly value: T }>();
  return (text) => {
    const found = known.get(text);
    if (found !== undefined) return found.value;
    if (known.size >= memory) known.clear();
    const value = compute(text);
    known.set(text, { value });
    return value;
  };
}

/** Returns the last 8 bytes of the value's MD5 sum, as a big-endian number, modulo `modulus`. */
function hashModulus(value: string, modulus: number): string {
  const tail = hash("md5", value, "hex").slice(16);
  return String(BigInt(`0x${tail}`) % BigInt(modulus));
}
