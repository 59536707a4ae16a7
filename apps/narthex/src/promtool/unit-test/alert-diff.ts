import type { Pairs, ShownAlert } from "./alert-report.ts";

const ADDED = "\u001b[0;32m";
const REMOVED = "\u001b[0;31m";
const CHANGED = "\u001b[0;33m";
const END = "\u001b[0m";

/** Lines of an alert start in this column, and an inner level is indented by four more columns. */
const MARGIN = " ".repeat(16);

const NO_ALERT: ShownAlert = { labels: [], annotations: [] };

const json = JSON.stringify;

/**
 * Formats the differences between expected and actual alerts in colours, as `promtool test rules --diff` does: expected
 * alerts and texts that are missing are red, unexpected ones green, and changed texts yellow.
 */
export function alertsDiff(expected: readonly ShownAlert[], got: readonly ShownAlert[]): string {
  const count = Math.max(expected.length, got.length);
  // For an empty list, the original shows one alert without labels.
  const [old, now] = [expected, got].map((alerts) => (alerts.length === 0 ? [NO_ALERT] : alerts));
  const entries = Array.from({ length: count }, (_, i) => {
    const [before, after] = [old![i], now![i]];
    if (before !== undefined && after !== undefined) return comparedAlert(before, after);
    return colouredAlert((before ?? after)!, before === undefined ? ADDED : REMOVED);
  });
  return `[\n${entries.map((lines, i) => `${lines.join("\n")}${i + 1 < count ? "," : ""}\n`).join("")}${" ".repeat(12)}]`;
}

function comparedAlert(before: ShownAlert, after: ShownAlert): string[] {
  return [
    `${MARGIN}{`,
    ...block("Annotations", comparedPairs(before.annotations, after.annotations), ","),
    ...block("Labels", comparedPairs(before.labels, after.labels), ""),
    `${MARGIN}}`,
  ];
}

function comparedPairs(before: Pairs, after: Pairs): string[] {
  const [old, now] = [new Map(before), new Map(after)];
  const names = [...new Set([...old.keys(), ...now.keys()])].sort();
  return names.map((name) => {
    const [was, is] = [old.get(name), now.get(name)];
    if (was === undefined) return `${ADDED}${json(name)}: ${json(is)}${END}`;
    if (is === undefined) return `${REMOVED}${json(name)}: ${json(was)}${END}`;
    return was === is ? `${json(name)}: ${json(is)}` : `${json(name)}: ${CHANGED}${json(was)} => ${json(is)}${END}`;
  });
}

/** Returns the lines of an object with the given entries. */
function block(name: string, entries: readonly string[], end: string): string[] {
  if (entries.length === 0) return [`${MARGIN}    ${json(name)}: {}${end}`];
  const lines = entries.map((entry, i) => `${MARGIN}        ${entry}${i + 1 < entries.length ? "," : ""}`);
  return [`${MARGIN}    ${json(name)}: {`, ...lines, `${MARGIN}    }${end}`];
}

function colouredAlert({ labels, annotations }: ShownAlert, colour: string): string[] {
  const entries = (pairs: Pairs): string[] => pairs.map(([name, text]) => `${json(name)}: ${json(text)}`);
  const lines = [
    `${MARGIN}{`,
    ...block("Annotations", entries(annotations), ","),
    ...block("Labels", entries(labels), ""),
    `${MARGIN}}`,
  ];
  return lines.map((line) => {
    const text = line.trimStart();
    return `${" ".repeat(line.length - text.length)}${colour}${text}${END}`;
  });
}
