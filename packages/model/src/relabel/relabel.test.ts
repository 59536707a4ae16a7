import fc from "fast-check";
import { expect, test } from "vitest";
import { Labels } from "../labels/labels.ts";
import { LabelsBuilder } from "../labels/labels-builder.ts";
import { compileCapturing } from "../pattern/pattern.ts";
import { relabel, type RelabelRule, relabelSteps } from "./relabel.ts";

interface RuleText extends Partial<Omit<RelabelRule, "regex">> {
  readonly regex?: string;
}

const rule = (fields: RuleText): RelabelRule => ({
  sourceLabels: [],
  separator: ";",
  modulus: 0,
  targetLabel: "",
  replacement: "$1",
  action: "replace",
  ...fields,
  regex: compileCapturing(fields.regex ?? "(.*)"),
});

const INPUT = { a: "foo", b: "bar", c: "baz" };

function check(
  rules: readonly RuleText[],
  expected: Readonly<Record<string, string>> | undefined,
  input: Readonly<Record<string, string>> = INPUT,
): void {
  expect(relabel(Labels.of(input), rules.map(rule))?.toRecord()).toEqual(expected);
}

test("replace joins the sources, expands groups and does not change values that do not match", () => {
  check([{ sourceLabels: ["a", "b"], regex: "f(.*);(.*)r", targetLabel: "d", replacement: "$1-${2}b" }], {
    ...INPUT,
    d: "oo-bab",
  });
  check([{ sourceLabels: ["a"], regex: "fo", targetLabel: "a", replacement: "x" }], INPUT);
  check([{ sourceLabels: ["a"], regex: "(?P<x>f)oo", targetLabel: "n", replacement: "$x$x1$$" }], {
    ...INPUT,
    n: "f$",
  });
  check([{ targetLabel: "d", replacement: "fixed" }], { ...INPUT, d: "fixed" });
  check([{ sourceLabels: ["none"], targetLabel: "a" }], { b: "bar", c: "baz" });
  check([{ sourceLabels: ["a"], regex: "f(.)o", targetLabel: "${1}x", replacement: "v" }], { ...INPUT, ox: "v" });
  check([{ sourceLabels: ["a"], targetLabel: "$2", replacement: "v" }], INPUT);
  check([{ sourceLabels: ["a"], targetLabel: "n" }], { a: "x\ny", n: "x\ny" }, { a: "x\ny" });
});

test("keep and drop match the whole value, keepequal and dropequal compare with the target label", () => {
  check([{ sourceLabels: ["a"], regex: "fo|foo", action: "keep" }], INPUT);
  check([{ sourceLabels: ["a"], regex: "fo", action: "keep" }], undefined);
  check([{ sourceLabels: ["a"], regex: ".*o.*", action: "drop" }], undefined);
  check([{ sourceLabels: ["a"], regex: "o", action: "drop" }], INPUT);
  check([{ sourceLabels: ["a"], targetLabel: "b", action: "keepequal" }], undefined);
  check([{ sourceLabels: ["a"], targetLabel: "b", action: "dropequal" }], INPUT);
  check([{ sourceLabels: ["x"], targetLabel: "y", action: "dropequal" }], undefined);
});

test("labelmap, labeldrop and labelkeep use the names at the start of the rule", () => {
  const input = { __meta_a: "1", __meta_meta_b: "2", c: "3" };
  check([{ regex: "__meta_(.+)", action: "labelmap" }], { ...input, a: "1", meta_b: "2" }, input);
  check([{ regex: "[ab]", action: "labeldrop" }], { c: "baz" });
  check([{ regex: "[ab]", action: "labelkeep" }], { a: "foo", b: "bar" });
});

test("hashmod uses the end of the MD5 sum, lowercase and uppercase convert", () => {
  check([{ sourceLabels: ["c"], targetLabel: "d", modulus: 1000, action: "hashmod" }], { ...INPUT, d: "976" });
  check([{ sourceLabels: ["a"], targetLabel: "d", action: "uppercase" }], { ...INPUT, d: "FOO" });
  check(
    [{ sourceLabels: ["a", "b"], targetLabel: "a", action: "lowercase" }],
    { a: "ab;c", b: "C" },
    { a: "AB", b: "C" },
  );
});

test("rules use the results of earlier ones; relabelSteps() returns each step, and nothing after a rule that drops", () => {
  const rules = [
    rule({ sourceLabels: ["a"], targetLabel: "d" }),
    rule({ sourceLabels: ["d"], regex: "foo", action: "drop" }),
    rule({ targetLabel: "never", replacement: "x" }),
  ];
  const steps = relabelSteps(Labels.of(INPUT), rules);
  expect(steps.map((step) => [step.output.toString(), step.keep])).toEqual([
    ['{a="foo", b="bar", c="baz", d="foo"}', true],
    ["{}", false],
    ["{}", false],
  ]);
  expect(steps.map((step) => step.value)).toEqual(["foo", "foo", ""]);
  expect(relabel(Labels.of(INPUT), rules)).toBeUndefined();
});

test("if several labels are copied to one name, the last counts, and a newly set label follows the existing ones", () => {
  const copy = { regex: "[abx].*", action: "labelmap", replacement: "to" } as const;
  check([copy], { ...INPUT, to: "bar" });
  check([{ targetLabel: "a1", replacement: "set" }, copy], { ...INPUT, a1: "set", to: "set" });
  check([{ targetLabel: "a", replacement: "set" }, copy], { ...INPUT, a: "set", to: "set" });
  check([{ targetLabel: "a" }, { targetLabel: "a", replacement: "back" }, copy], { ...INPUT, a: "back", to: "back" });
});

test("the case of characters is changed one by one, as in Go", () => {
  const upper = { sourceLabels: ["v"], targetLabel: "v", action: "uppercase" } as const;
  const lower = { ...upper, action: "lowercase" } as const;
  check([upper], { v: "STRAßE ŉ ᾈ ῼ Σ \u{10400}" }, { v: "straße ŉ ᾀ ῳ ς \u{10428}" });
  check([lower], { v: "strasse iσσ \u{10428}" }, { v: "STRASSE İΣΣ \u{10400}" });
});

test("the scheme may refuse a name from a template, but not one from labelmap", () => {
  const template = [{ sourceLabels: ["a"], targetLabel: "$1.x", replacement: "v" }].map(rule);
  expect(relabel(Labels.of(INPUT), template)?.get("foo.x")).toBe("v");
  expect(relabel(Labels.of(INPUT), template, "legacy")?.toRecord()).toEqual(INPUT);
  const map = [{ regex: "(a)", replacement: "$1.x", action: "labelmap" } as const].map(rule);
  expect(relabel(Labels.of(INPUT), map, "legacy")?.get("a.x")).toBe("foo");
});

test("a builder without changes returns the original labels", () => {
  const labels = Labels.of(INPUT);
  const builder = new LabelsBuilder(labels);
  builder.set("none", "");
  builder.keep(() => true);
  expect(builder.labels()).toBe(labels);
});

test("a builder behaves like a map that drops empty values, whatever the operations", () => {
  const name = fc.constantFrom("a", "b", "ba", "\u{10400}", "\uffff", "");
  const deed = fc.tuple(name, fc.constantFrom("", "1", "2"));
  fc.assert(
    fc.property(fc.dictionary(name, fc.constantFrom("1", "2")), fc.array(deed), (start, deeds) => {
      const builder = new LabelsBuilder(Labels.of(start));
      const map = new Map<string, string>(Object.entries(start));
      for (const [key, value] of deeds) {
        builder.set(key, value);
        map.set(key, value);
        expect(builder.get(key)).toBe(value);
      }
      expect(builder.labels()).toEqual(Labels.of(map));
    }),
  );
});
