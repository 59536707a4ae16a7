import { Text } from "@mantine/core";
import { useElementSize } from "@mantine/hooks";
import type { PlacedPanel } from "@narthex/dashboards";
import type { ReactNode } from "react";
import { classesOf } from "../../../shell/style-sheet.ts";
import styles from "./ViewedPanel.module.css";

const css = classesOf(styles);

/** Shows one panel in place of the grid of panels. The panel fills the available space. */
export function ViewedPanel({
  placed,
  wanted,
  children,
}: {
  /** The panel to show; undefined if no panel has the key. */
  placed: PlacedPanel | undefined;
  /** Panel key from the URL, for the error message if the panel does not exist. */
  wanted: string;
  children: (placed: PlacedPanel, size: { readonly width: number; readonly height: number }) => ReactNode;
}) {
  const { ref, width, height } = useElementSize<HTMLDivElement>();
  return (
    <div ref={ref} className={css("room")}>
      {placed === undefined ? (
        <Text role="alert" c="dimmed" ta="center" mt="xl">
          The dashboard has no panel “{wanted}”.
        </Text>
      ) : (
        width > 0 && <div className={css("panel")}>{children(placed, { width, height })}</div>
      )}
    </div>
  );
}
