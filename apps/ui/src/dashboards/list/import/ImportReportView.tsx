import { Text } from "@mantine/core";
import { classesOf } from "../../../shell/style-sheet.ts";
import type { ImportReport } from "./import-report.ts";
import styles from "./ImportReportView.module.css";

const css = classesOf(styles);

const MAX_LINES = 200;

/** Lists the migrations of an imported dashboard, its problems, and the panels that cannot be drawn. */
export function ImportReportView({ report: { dashboard, changes, problems, undrawn } }: { report: ImportReport }) {
  const count = dashboard.panels.reduce((sum, { type, panels }) => sum + (type === "row" ? panels.length : 1), 0);
  const variables = dashboard.variables.length;
  return (
    <section aria-label="Effects of the import">
      <Text size="sm">
        {count === 1 ? "1 panel" : `${count} panels`}
        {variables > 0 && `, ${variables === 1 ? "1 variable" : `${variables} variables`}`}.
        {changes.length + problems.length + undrawn.size === 0 && " Everything is imported unchanged."}
      </Text>
      {undrawn.size > 0 && (
        <Lines
          title="Panels of these kinds are imported, but cannot be shown"
          lines={[...undrawn].map(([kind, names]) => ({ path: kind, text: names.slice(0, 10).join(", ") }))}
          isOpen
        />
      )}
      {problems.length > 0 && (
        <Lines
          title={`Could not be imported unchanged (${problems.length})`}
          lines={problems.map(({ path, message }) => ({ path, text: message }))}
          isOpen
        />
      )}
      {changes.length > 0 && (
        <Lines
          title={`Converted to the current schema (${changes.length})`}
          lines={changes.map(({ path, what }) => ({ path, text: what }))}
          isOpen={false}
        />
      )}
    </section>
  );
}

interface Line {
  readonly path: string;
  readonly text: string;
}

function Lines({ title, lines, isOpen }: { title: string; lines: readonly Line[]; isOpen: boolean }) {
  return (
    <details className={css("lines")} open={isOpen}>
      <summary>{title}</summary>
      <ul>
        {lines.slice(0, MAX_LINES).map(({ path, text }, i) => (
          <li key={`${i} ${path}`}>
            {path !== "" && <code>{path}</code>} {text}
          </li>
        ))}
      </ul>
      {lines.length > MAX_LINES && <p>and {lines.length - MAX_LINES} more</p>}
    </details>
  );
}
