import { type Printable, type PrintableMap, printYaml } from "@narthex/config";

/** The parts of an alerting rule, which is the only rule of its group. Empty parts are left out of the file. */
export interface RuleText {
  readonly group: string;
  readonly alert: string;
  readonly expr: string;
  /** A duration such as `5m`. */
  readonly for: string;
  readonly labels: ReadonlyMap<string, string>;
  readonly annotations: ReadonlyMap<string, string>;
}

/** Maximum length of an expression in one line, in characters. A longer expression is written in a block of lines. */
const SHORT = 60;

/** Removes characters that YAML forbids, and characters that only some readers treat as line ends. */
const cleaned = (text: string): string =>
  text
    .toWellFormed()
    .replaceAll(/\r\n?|[\u0085\u2028\u2029]/g, "\n")
    .replaceAll("\t", " ")
    // oxlint-disable-next-line no-control-regex -- these characters are removed
    .replaceAll(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\ufeff\ufffe\uffff]/g, "");

/** Joins the lines of a text into one line, and removes spaces at its ends. */
export const oneLine = (text: string): string => cleaned(text).replaceAll(/\s+/g, " ").trim();

const mapOf = (entries: readonly (readonly [string, Printable])[]): PrintableMap => ({ entries });

/** Returns the texts that are not empty, by their names. The names are fixed, so they are safe keys of an object. */
const texts = (map: ReadonlyMap<string, string>, clean: (text: string) => string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    [...map].flatMap(([name, text]) => {
      const shown = clean(text).trim();
      return shown === "" ? [] : [[name, shown]];
    }),
  );

/** A rule as a rule file contains it, and the name of its group. */
export interface RuleContent {
  readonly group: string;
  readonly rule: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
}

/** Returns the fields of a rule in the order of the file. */
export function ruleContent({ group, alert, expr, for: wait, labels, annotations }: RuleText): RuleContent {
  const written = cleaned(expr).trim();
  const [ownLabels, ownAnnotations] = [texts(labels, oneLine), texts(annotations, cleaned)];
  return {
    group: oneLine(group),
    rule: {
      alert: oneLine(alert),
      expr: written.length > SHORT || written.includes("\n") ? `${written}\n` : written,
      ...(oneLine(wait) !== "" && { for: oneLine(wait) }),
      ...(Object.keys(ownLabels).length > 0 && { labels: ownLabels }),
      ...(Object.keys(ownAnnotations).length > 0 && { annotations: ownAnnotations }),
    },
  };
}

const printable = (value: string | Readonly<Record<string, string>>): Printable =>
  typeof value === "string" ? value : mapOf(Object.entries(value));

/** Writes a rule file with one rule. */
export function ruleYaml({ group, rule }: RuleContent): string {
  const written = mapOf(Object.entries(rule).map(([name, value]) => [name, printable(value)] as const));
  const rules = { items: [written] };
  return printYaml(
    mapOf([
      [
        "groups",
        {
          items: [
            mapOf([
              ["name", group],
              ["rules", rules],
            ]),
          ],
        },
      ],
    ]),
  );
}
