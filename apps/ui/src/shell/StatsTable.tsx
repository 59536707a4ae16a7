import type { ReactNode } from "react";
import { classesOf } from "./style-sheet.ts";
import styles from "./StatsTable.module.css";

const css = classesOf(styles);

/** A table of names and figures in two narrow columns. */
export function StatsTable({ rows }: { rows: ReadonlyArray<readonly [name: string, value: ReactNode]> }) {
  return (
    <table className={css("table")}>
      <tbody>
        {rows.map(([name, value]) => (
          <tr key={name}>
            <td>{name}</td>
            <td>{value}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
