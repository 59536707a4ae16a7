import { expect, test } from "vitest";
import { Labels } from "./labels.ts";
import { compileCapturing } from "./pattern.ts";
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

test("replace joins the sources, expands groups and keeps what does not match", () => {
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

test("keep and drop look at the whole value, keepequal and dropequal at the target label", () => {
  check([{ sourceLabels: ["a"], regex: "fo|foo", action: "keep" }], INPUT);
  check([{ sourceLabels: ["a"], regex: "fo", action: "keep" }], undefined);
  check([{ sourceLabels: ["a"], regex: ".*o.*", action: "drop" }], undefined);
  check([{ sourceLabels: ["a"], regex: "o", action: "drop" }], INPUT);
  check([{ sourceLabels: ["a"], targetLabel: "b", action: "keepequal" }], undefined);
  check([{ sourceLabels: ["a"], targetLabel: "b", action: "dropequal" }], INPUT);
  check([{ sourceLabels: ["x"], targetLabel: "y", action: "dropequal" }], undefined);
});

test("labelmap, labeldrop and labelkeep work on names as they stand when the rule starts", () => {
  const input = { __meta_a: "1", __meta_meta_b: "2", c: "3" };
  check([{ regex: "__meta_(.+)", action: "labelmap" }], { ...input, a: "1", meta_b: "2" }, input);
  check([{ regex: "[ab]", action: "labeldrop" }], { c: "baz" });
  check([{ regex: "[ab]", action: "labelkeep" }], { a: "foo", b: "bar" });
});

test("hashmod takes the tail of the MD5 sum, lowercase and uppercase convert", () => {
  check([{ sourceLabels: ["c"], targetLabel: "d", modulus: 1000, action: "hashmod" }], { ...INPUT, d: "976" });
  check([{ sourceLabels: ["a"], targetLabel: "d", action: "uppercase" }], { ...INPUT, d: "FOO" });
  check(
    [{ sourceLabels: ["a", "b"], targetLabel: "a", action: "lowercase" }],
    { a: "ab;c", b: "C" },
    { a: "AB", b: "C" },
  );
});

test("rules see the results of earlier ones; relabelSteps() shows each and ends where one drops", () => {
  const rules = [
    rule({ sourceLabels: ["a"], targetLabel: "d" }),
    rule({ sourceLabels: ["d"], regex: "foo", action: "drop" }),
    rule({ targetLabel: "never", replacement: "x" }),
  ];
  const steps = relabelSteps(Labels.of(INPUT), rules);
  expect(steps.map((step) => [step.output.toString(), step.keep])).toEqual([
    ['{a="foo", b="bar", c="baz", d="foo"}', true],
    ["{}", false],
  ]);
  expect(relabel(Labels.of(INPUT), rules)).toBeUndefined();
});
