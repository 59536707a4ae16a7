import { Button, NativeSelect, Switch, Text } from "@mantine/core";
import { useElementSize } from "@mantine/hooks";
import { IconDownload } from "@tabler/icons-react";
import { FieldNames, type Frame, frameName, isNumeric, type Lookup } from "@narthex/dashboards";
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { nowMs } from "../../../time/browser-clock.ts";
import { classesOf } from "../../../shell/style-sheet.ts";
import { readOptions } from "../../contracts/option-table.ts";
import type { PanelContext } from "../../contracts/panel-kind.ts";
import { tableOptions } from "../../panels/table/options.ts";
import { TableGrid } from "../../panels/table/TableGrid.tsx";
import { download } from "../../../shell/download.ts";
import { fieldViews } from "../../data/panel/field-views.ts";
import { csvName, frameCsv } from "./frame-csv.ts";
import type { TabProps } from "./InspectDrawer.tsx";
import { type DataOptions, inspectedComparison, joinedFrame } from "./inspected-frames.ts";
import styles from "./InspectDrawer.module.css";

const css = classesOf(styles);

/** Value of the option that joins all series by time. */
const JOINED = "joined";

const usualOptions = readOptions(tableOptions, {});

/** Removes the field settings of a frame, so that names, times and numbers are shown as the data source sent them. */
const unformatted = (frame: Frame): Frame => ({
  ...frame,
  fields: frame.fields.map((field) => ({
    ...field,
    config: {
      ...(field.config.displayNameFromDS === undefined ? {} : { displayNameFromDS: field.config.displayNameFromDS }),
      ...(field.type === "number" ? { unit: "string" } : {}),
    },
  })),
});

function frameNames(frames: readonly Frame[]): readonly string[] {
  const names = new FieldNames(frames);
  return frames.map((frame, at) => {
    const column = frame.fields.find(isNumericValue);
    return frameName(frame, names) || (column === undefined ? "" : names.nameOf(column, frame)) || `Frame ${at + 1}`;
  });
}

const isNumericValue = (field: Frame["fields"][number]): boolean => isNumeric(field) && field.type === "number";

export function DataTab({ panel, inspected, context, title }: TabProps) {
  const hasTransformations = panel.panel.transformations.some(({ disabled }) => !disabled);
  const [options, setOptions] = useState<DataOptions>({ isTransformed: hasTransformations, isFormatted: true });
  const [isForExcel, setForExcel] = useState(false);
  const [chosen, choose] = useState("0");
  const { zone } = context;
  const lookup = useMemo(() => context.lookupFor(panel.scoped), [context, panel]);
  const { data: frames } = useQuery({
    queryKey: ["inspected-frames", panel.panel.id, inspected.requestMs, options],
    queryFn: () => inspectedComparison(panel.panel, inspected, options, lookup, zone),
    gcTime: 0,
  });
  const joined = useMemo(() => (frames === undefined ? undefined : joinedFrame(frames)), [frames]);
  const picked = chosen === JOINED ? joined : (frames?.[Number(chosen)] ?? frames?.[0]);
  const frame = picked === undefined || options.isFormatted ? picked : unformatted(picked);
  const save = (of: Frame): void => {
    const { viewOf } = fieldViews([of], { scheme: "light", zone, now: context.now, lookup });
    const textOf = options.isFormatted
      ? (field: Parameters<typeof viewOf>[0], holder: Frame, value: number) => viewOf(field, holder).text(value)
      : undefined;
    const text = frameCsv(of, { zone, isForExcel, textOf });
    // Begins the CSV file with a byte order mark, by which spreadsheet programs detect UTF-8.
    const content = new Blob(["\uFEFF", text], { type: "text/csv;charset=utf-8" });
    download(csvName(title, chosen === JOINED, nowMs(), zone), content);
  };
  return (
    <>
      <div className={css("options")}>
        {frames !== undefined && frames.length > 1 && (
          <NativeSelect
            size="xs"
            label="Show data frame"
            value={chosen}
            data={[
              ...frameNames(frames).map((label, at) => ({ label, value: String(at) })),
              ...(joined === undefined ? [] : [{ label: "Series joined by time", value: JOINED }]),
            ]}
            onChange={({ currentTarget }) => choose(currentTarget.value)}
          />
        )}
        {hasTransformations && (
          <Switch
            size="xs"
            label="Apply panel transformations"
            checked={options.isTransformed}
            onChange={({ currentTarget: { checked } }) => setOptions({ ...options, isTransformed: checked })}
          />
        )}
        <Switch
          size="xs"
          label="Formatted data"
          checked={options.isFormatted}
          onChange={({ currentTarget: { checked } }) => setOptions({ ...options, isFormatted: checked })}
        />
        <Switch
          size="xs"
          label="Download for Excel"
          checked={isForExcel}
          onChange={({ currentTarget: { checked } }) => setForExcel(checked)}
        />
        <Button
          size="xs"
          variant="light"
          disabled={frame === undefined}
          leftSection={<IconDownload size={15} aria-hidden />}
          onClick={() => frame !== undefined && save(frame)}
        >
          Download CSV
        </Button>
      </div>
      {frame === undefined ? <Text c="dimmed">No data</Text> : <FrameTable frame={frame} context={context} />}
    </>
  );
}

/** Lookup that knows no variables, because tables in the inspector contain no links that need variables. */
const noNames: Lookup = () => undefined;

function FrameTable({ frame, context }: { frame: Frame; context: TabProps["context"] }) {
  const { ref, width, height } = useElementSize<HTMLDivElement>();
  const { theme, zone, range, now } = context;
  const own = useMemo(
    (): PanelContext => ({
      theme,
      now,
      zone,
      range,
      onZoom: () => undefined,
      syncKey: undefined,
      isTooltipShared: false,
      annotations: [],
      onMarks: () => undefined,
      onAnnotate: undefined,
      fill: (text) => text,
      ...fieldViews([frame], { scheme: theme.scheme, zone, now, lookup: noNames }),
    }),
    [frame, theme, zone, range, now],
  );
  return (
    <div ref={ref} className={css("table")}>
      {width > 0 && (
        <TableGrid title="Data" frame={frame} options={usualOptions} width={width} height={height} context={own} />
      )}
    </div>
  );
}
