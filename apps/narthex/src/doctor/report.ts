import type { Finding, Level } from "./finding.ts";
import type { CheckReport } from "./run-checks.ts";

const LEVELS: readonly Level[] = ["error", "warning", "ok"];

const HEADINGS: Readonly<Record<Level, string>> = { error: "Errors", warning: "Warnings", ok: "Well" };

/** ANSI colour codes: red for errors, yellow for warnings, green for ok. */
const COLORS: Readonly<Record<Level, number>> = { error: 31, warning: 33, ok: 32 };

/** Exit statuses of `narthex doctor`, by the worst level. */
export const EXIT: Readonly<Record<Level, number>> = { ok: 0, warning: 1, error: 2 };

/** Returns the worst level of all findings. */
export function worstLevel(reports: readonly CheckReport[]): Level {
  const found = new Set(reports.flatMap(({ findings }) => findings.map(({ level }) => level)));
  return LEVELS.find((level) => found.has(level)) ?? "ok";
}

/** Returns the report as text for people: findings by level, the worst first. */
export function textReport(title: string, reports: readonly CheckReport[], isColored: boolean): string {
  const width = Math.max(0, ...reports.map(({ check }) => check.length));
  const sections = LEVELS.flatMap((level) => {
    const lines = reports.flatMap(({ check, findings }) =>
      findings
        .filter((finding) => finding.level === level)
        .map((finding) => findingLines(check.padEnd(width), finding)),
    );
    const heading = isColored ? `\u001b[${COLORS[level]}m${HEADINGS[level]}\u001b[0m` : HEADINGS[level];
    return lines.length === 0 ? [] : [`${heading}\n${lines.join("")}`];
  });
  return `${title}\n\n${sections.join("\n")}\n${summary(reports)}\n`;
}

function findingLines(check: string, { what, hint }: Finding): string {
  const indent = " ".repeat(check.length + 4);
  const text = what.replaceAll("\n", `\n${indent}`);
  return `  ${check}  ${text}\n${hint === "" ? "" : `${indent}to mend: ${hint}\n`}`;
}

const total = (reports: readonly CheckReport[], level: Level): number =>
  reports.reduce((sum, { counts }) => sum + counts[level], 0);

const summary = (reports: readonly CheckReport[]): string =>
  `errors: ${total(reports, "error")}, warnings: ${total(reports, "warning")}, well: ${total(reports, "ok")}`;

/**
 * Returns the report as JSON for scripts: the worst level, the number of findings of each level, and every finding with
 * its check.
 */
export function jsonReport(title: string, reports: readonly CheckReport[]): string {
  const findings = reports.flatMap((report) => report.findings.map((finding) => ({ check: report.check, ...finding })));
  const counts = Object.fromEntries(LEVELS.map((level) => [level, total(reports, level)]));
  return `${JSON.stringify({ subject: title, level: worstLevel(reports), counts, findings }, null, 2)}\n`;
}
