import { NativeSelect } from "@mantine/core";
import { frameToJson } from "@narthex/dashboards";
import { useMemo, useState } from "react";
import { classesOf } from "../../../shell/style-sheet.ts";
import { fileName } from "./frame-csv.ts";
import type { TabProps } from "./InspectDrawer.tsx";
import { JsonText } from "./JsonText.tsx";
import styles from "./InspectDrawer.module.css";

const css = classesOf(styles);

const KINDS = {
  panel: "Panel JSON",
  data: "Panel data",
  frames: "DataFrame structure",
} as const;
type Kind = keyof typeof KINDS;

function jsonOf(kind: Kind, { panel, inspected }: Pick<TabProps, "panel" | "inspected">): unknown {
  if (kind === "panel") return panel.panel.source;
  const frames = inspected.frames.map(frameToJson);
  if (kind === "frames") return frames.map(({ schema, data }) => ({ schema, rows: data.values[0]?.length ?? 0 }));
  return { state: "Done", timeRange: inspected.range, series: frames };
}

export function JsonTab({ panel, inspected, title }: TabProps) {
  const [kind, setKind] = useState<Kind>("panel");
  const json = useMemo(() => jsonOf(kind, { panel, inspected }), [kind, panel, inspected]);
  return (
    <>
      <div className={css("options")}>
        <NativeSelect
          size="xs"
          label="Select source"
          value={kind}
          data={Object.entries(KINDS).map(([value, label]) => ({ value, label }))}
          onChange={({ currentTarget }) => setKind(currentTarget.value as Kind)}
        />
      </div>
      <JsonText json={json} name={`${fileName(title)}-${kind}.json`} />
    </>
  );
}
