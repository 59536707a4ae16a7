import { SegmentedControl, Switch } from "@mantine/core";
import { useElementSize, useViewportSize } from "@mantine/hooks";
import { type BoundVariable, type Panel, rectOf } from "@narthex/dashboards";
import { useMemo, useState } from "react";
import type { RefCallback } from "react";
import { PanelView } from "../../../panel/PanelCard.tsx";
import type { PanelData } from "../../../data/panel-data.ts";
import { classesOf } from "../../../../shell/style-sheet.ts";
import styles from "./PanelPreview.module.css";

const css = classesOf(styles);

/** Total width of the page's left and right margins around the grid of panels, pixels. */
const PAGE_MARGIN_PX = 32;

/**
 * Returns a copy of a panel that shows its data as a table. The `custom` field settings, which only the panel's own
 * kind has, are removed.
 */
function asTable(panel: Panel): Panel {
  const { custom: _, ...defaults } = panel.fieldConfig.defaults;
  return { ...panel, type: "table", options: {}, fieldConfig: { ...panel.fieldConfig, defaults } };
}

/**
 * Size of a preview, and the element that is measured. The preview fills the available space, or has the size of the
 * panel on the dashboard.
 */
export interface PreviewBox {
  readonly ref: RefCallback<HTMLDivElement | null>;
  readonly size: string;
  readonly onSize: (size: string) => void;
  /** Size of the preview, pixels; 0 before the available space is measured. */
  readonly width: number;
  readonly height: number;
}

/** Returns the size of a panel's preview, and functions that measure and change it. */
export function usePreviewBox(panel: Panel): PreviewBox {
  const { ref, width, height } = useElementSize<HTMLDivElement>();
  const viewport = useViewportSize();
  const [size, onSize] = useState("fill");
  const own = rectOf(panel.position, Math.max(0, viewport.width - PAGE_MARGIN_PX));
  if (size === "fill" || width === 0) return { ref, size, onSize, width, height };
  return { ref, size, onSize, width: own.width, height: own.height };
}

export function PanelPreview({
  panel,
  scoped,
  data,
  box,
}: {
  panel: Panel;
  /** Variables of the shown copy of a repeated panel. */
  scoped: ReadonlyMap<string, BoundVariable>;
  data: PanelData;
  box: PreviewBox;
}) {
  const [isTable, setTable] = useState(false);
  const drawn = useMemo(() => (isTable ? asTable(panel) : panel), [panel, isTable]);
  const { ref, size, onSize, width, height } = box;
  return (
    <section className={css("preview")} aria-label="Preview">
      <div className={css("bar")}>
        <Switch
          size="xs"
          label="Table view"
          checked={isTable}
          onChange={({ currentTarget }) => setTable(currentTarget.checked)}
        />
        <SegmentedControl
          size="xs"
          aria-label="Size of the preview"
          value={size}
          onChange={onSize}
          data={[
            { value: "fill", label: "Fill" },
            { value: "actual", label: "Actual" },
          ]}
        />
      </div>
      <div ref={ref} className={css("room")} data-size={size}>
        {width > 0 && <PanelView panel={drawn} data={data} scoped={scoped} width={width} height={height} isVisible />}
      </div>
    </section>
  );
}
