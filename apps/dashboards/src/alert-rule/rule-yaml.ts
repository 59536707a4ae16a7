import { type Printable, type PrintableMap, printYaml } from "@narthex/config";

/** One alerting rule in a group of its own; what is empty is left out. */
export interface RuleText {
  readonly group: string;
  readonly alert: string;
  readonly expr: string;
  /** A duration. */
  readonly for: string;
  readonly labels: ReadonlyMap<string, string>;
  readonly annotations: ReadonlyMap<string, string>;
}

/** Longer expressions stand in lines of their own. */
const SHORT = 60;

/** What YAML allows, without what ends a line in the eyes of one reader and not of another. */
const cleaned = (text: string): string =>
  text
    .toWellFormed()
    .replaceAll(/\r\n?|[\u0085\u2028\u2029]/g, "\n")
    .replaceAll("\t", " ")
    // oxlint-disable-next-line no-control-regex -- these are what must not stand there
    .replaceAll(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\ufeff\ufffe\uffff]/g, "");

/** A text without what ends lines, and without blanks at its ends. */
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
