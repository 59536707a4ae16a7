import { Table } from "@mantine/core";
import { classesOf } from "./style-sheet.ts";
import styles from "./StackTable.module.css";

const css = classesOf(styles);

/**
 * A table whose rows become cards on narrow screens. A cell's `data-label` is its heading there. A cell with
 * `data-follows` belongs to the row above.
 */
export const StackTable = Table.withProps({ classNames: { table: css("table") } });
