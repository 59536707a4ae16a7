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

const texts = (map: ReadonlyMap<string, string>, clean: (text: string) => string): PrintableMap =>
  mapOf(
    [...map].flatMap(([name, text]) => {
      const shown = clean(text).trim();
      return shown === "" ? [] : [[name, shown]];
    }),
  );

/** Writes a rule file with one rule. */
export function ruleYaml({ group, alert, expr, for: wait, labels, annotations }: RuleText): string {
  const written = cleaned(expr).trim();
  const rule: (readonly [string, Printable])[] = [
    ["alert", oneLine(alert)],
    ["expr", written.length > SHORT || written.includes("\n") ? `${written}\n` : written],
  ];
  if (oneLine(wait) !== "") rule.push(["for", oneLine(wait)]);
  const ownLabels = texts(labels, oneLine);
  if (ownLabels.entries.length > 0) rule.push(["labels", ownLabels]);
  const ownAnnotations = texts(annotations, cleaned);
  if (ownAnnotations.entries.length > 0) rule.push(["annotations", ownAnnotations]);
  const rules = { items: [mapOf(rule)] };
  return printYaml(
    mapOf([
      [
        "groups",
        {
          items: [
            mapOf([
              ["name", oneLine(group)],
              ["rules", rules],
            ]),
          ],
        },
      ],
    ]),
  );
}
