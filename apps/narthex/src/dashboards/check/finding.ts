import type { Panel } from "@narthex/dashboards";
import type { FileLocation } from "../dashboard-file.ts";

export interface Problem {
  readonly severity: "error" | "warning";
  readonly check: string;
  /** Message that describes the problem and, if known, the remedy. */
  readonly message: string;
  /** The panel with the problem. Undefined if the problem concerns the whole dashboard. */
  readonly panel?: Panel;
  /** Path of the invalid value, relative to the panel or, without a panel, to the dashboard. */
  readonly path: string;
}

/** A problem together with its place in a file. */
export interface Finding extends Problem, FileLocation {
  readonly file: string;
}

const panelText = ({ panel }: Problem): string =>
  panel === undefined ? "" : `panel ${panel.id}${panel.title === "" ? "" : ` "${panel.title}"`}: `;

/** Formats a finding as a line: `file:3:5: error: panel 4 "CPU": … [query-syntax]`. */
export const findingText = (finding: Finding): string =>
  `${finding.file}:${finding.line}:${finding.column}: ${finding.severity}: ${panelText(finding)}${finding.message} [${finding.check}]`;

/** Returns a finding as an object for JSON. */
export const findingJson = ({ panel, ...finding }: Finding): object => ({
  file: finding.file,
  line: finding.line,
  column: finding.column,
  severity: finding.severity,
  check: finding.check,
  ...(panel === undefined ? {} : { panel: { id: panel.id, title: panel.title } }),
  path: finding.path,
  message: finding.message,
});
