import type { Panel } from "@narthex/dashboards";
import type { Place } from "../dashboard-file.ts";

/** What a check says of a dashboard. */
export interface Problem {
  readonly severity: "error" | "warning";
  /** The name of the check. */
  readonly check: string;
  /** A sentence that says what is wrong, and what to do about it where that is known. */
  readonly message: string;
  /** Absent: of the dashboard. */
  readonly panel?: Panel;
  /** Within the panel, or the dashboard. */
  readonly path: string;
}

/** A problem, and where it stands. */
export interface Finding extends Problem, Place {
  readonly file: string;
}

const panelText = ({ panel }: Problem): string =>
  panel === undefined ? "" : `panel ${panel.id}${panel.title === "" ? "" : ` "${panel.title}"`}: `;

/** A finding as a line: `file:3:5: error: panel 4 "CPU": … [query-syntax]`. */
export const findingText = (finding: Finding): string =>
  `${finding.file}:${finding.line}:${finding.column}: ${finding.severity}: ${panelText(finding)}${finding.message} [${finding.check}]`;

/** A finding as JSON. */
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
