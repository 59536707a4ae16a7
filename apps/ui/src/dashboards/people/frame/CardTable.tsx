import { type ComponentProps } from "react";
import { DataTable } from "../../../shell/DataTable.tsx";
import { classesOf } from "../../../shell/style-sheet.ts";
import styles from "./CardTable.module.css";

const css = classesOf(styles);

/** A table whose rows become compact cards on a phone. A column without a header contains buttons. */
export function CardTable<T>({
  hasCornerButton = false,
  ...props
}: Omit<ComponentProps<typeof DataTable<T>>, "stacked" | "className"> & {
  /** Whether the button of a card is in the card's corner. By default, it is next to the last cell. */
  hasCornerButton?: boolean;
}) {
  return <DataTable<T> {...props} stacked className={hasCornerButton ? css("table", "corner") : css("table")} />;
}
