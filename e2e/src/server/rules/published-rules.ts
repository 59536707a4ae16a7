import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { root } from "../../support/running.ts";

/** A test in a file for `promtool test rules`. */
interface RuleTest {
  readonly name: string;
  readonly interval: string;
  readonly input_series?: readonly { readonly series: string; readonly values: string }[];
  readonly alert_rule_test?: readonly { readonly eval_time: string; readonly exp_alerts?: readonly unknown[] }[];
}

const textsIn = (folder: string): readonly string[] =>
  readdirSync(folder)
    .filter((name) => /\.ya?ml$/.test(name))
    .toSorted()
    .map((name) => readFileSync(join(folder, name), "utf8"));

/** Returns the texts of the alert pack's rule files, and of the rule files of the starter configuration. */
export const packRules = (): readonly string[] => [
  ...textsIn(join(root, "deploy/config/rules")),
  ...textsIn(join(root, "deploy/config/alert-pack")),
];

/** Returns the unit tests of the alert pack. */
export const packTests = (): readonly RuleTest[] =>
  textsIn(join(root, "deploy/alert-pack/tests")).flatMap(
    (text) => (parse(text) as { readonly tests: readonly RuleTest[] }).tests,
  );

const further = process.env["NARTHEX_PUBLISHED_RULES"];

/** Returns the texts of additional rule files, from the folder NARTHEX_PUBLISHED_RULES. */
export const publishedRules = (): readonly string[] => (further === undefined ? [] : textsIn(further));
