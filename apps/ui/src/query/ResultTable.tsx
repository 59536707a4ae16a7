import { Table, Text } from "@mantine/core";
import { memo } from "react";
import type { ReactNode } from "react";
import type { InstantResult, InstantSeries, RangeSeries, SamplePair } from "../api/query-result.ts";
import { formatInstantWithZone } from "../format/instant.ts";
import { plainFormat } from "../format/value-format.ts";
import { VirtualList } from "../shell/VirtualList.tsx";
import { EmptyMessage } from "../shell/StatusMessage.tsx";
import { useTimeZone } from "../shell/time-zone.ts";
import { PlainSeriesName, SeriesName } from "./SeriesName.tsx";
import type { LabelSet } from "../format/series-name.ts";
import { classesOf } from "../shell/style-sheet.ts";
import { useShownFormat } from "./value-format.ts";
import { whenLoaded } from "../shell/when-loaded.tsx";
import styles from "./ResultTable.module.css";

/** Shows a native histogram. The code is loaded on demand, because few results contain histograms. */
const HistogramView = whenLoaded(async () => ({ default: (await import("./HistogramView.tsx")).HistogramView }), null);

const css = classesOf(styles);

/** Maximum number of series whose names have coloured labels. Colouring more names would be slow. */
const colouredLimit = 1000;

function Row({ labels, coloured, children }: { labels: LabelSet; coloured: boolean; children: ReactNode }) {
  return (
    <Table.Tr>
      <Table.Td className={css("series")}>
        {coloured ? <SeriesName labels={labels} /> : <PlainSeriesName labels={labels} />}
      </Table.Td>
      <Table.Td className={css("value")}>{children}</Table.Td>
    </Table.Tr>
  );
}

/** A value: exact, or in the unit of the panel, with the exact value as its title. */
function Value({ text }: { text: string }) {
  const format = useShownFormat();
  return format === plainFormat ? <>{text}</> : <span title={text}>{format.value(Number(text))}</span>;
}

function VectorValue({ series }: { series: InstantSeries }) {
  if (series.histogram !== undefined) return <HistogramView histogram={series.histogram[1]} />;
  return <Value text={series.value?.[1] ?? ""} />;
}

function MatrixValues({ series }: { series: RangeSeries }) {
  const zone = useTimeZone();
  const at = (time: number): ReactNode => (
    <Text component="span" size="xs" c="dimmed" title={formatInstantWithZone(time * 1000, zone)}>
      {" "}
      @{time}
    </Text>
  );
  return (
    <>
      {(series.values ?? []).map(([time, value]) => (
        <div key={time}>
          <Value text={value} />
          {at(time)}
        </div>
      ))}
      {(series.histograms ?? []).map(([time, histogram]) => (
        <div key={time}>
          <HistogramView histogram={histogram} />
          {at(time)}
        </div>
      ))}
    </>
  );
}

function SeriesTable<T extends { readonly metric: LabelSet }>({
  series,
  scroller,
  renderValue,
}: {
  series: readonly T[];
  scroller: "page" | "element";
  renderValue: (one: T) => ReactNode;
}) {
  if (series.length === 0) {
    return (
      <EmptyMessage title="Empty query result">
        No series match at this time. Check the metric name and matchers, or pick another evaluation time.
      </EmptyMessage>
    );
  }
  const coloured = series.length <= colouredLimit;
  return (
    <Table highlightOnHover className={css("table")} aria-label="Query result" aria-rowcount={series.length}>
      <Table.Tbody>
        <VirtualList
          items={series}
          scroller={scroller}
          keyOf={(_, index) => String(index)}
          render={(one) => (
            <Row labels={one.metric} coloured={coloured}>
              {renderValue(one)}
            </Row>
          )}
          rows="in body"
        />
      </Table.Tbody>
    </Table>
  );
}

function SingleValue({ kind, sample }: { kind: string; sample: SamplePair }) {
  return (
    <Table className={css("table")} aria-label="Query result">
      <Table.Tbody>
        <Table.Tr>
          <Table.Td className={css("series")}>{kind}</Table.Td>
          <Table.Td className={css("value")}>{kind === "scalar" ? <Value text={sample[1]} /> : sample[1]}</Table.Td>
        </Table.Tr>
      </Table.Tbody>
    </Table>
  );
}

/** Table that shows the result of an instant query. */
export const ResultTable = memo(function ResultTable({
  data,
  scroller = "page",
}: {
  data: InstantResult;
  /** The element that scrolls a long result: the page, or an element around the table. */
  scroller?: "page" | "element";
}) {
  switch (data.resultType) {
    case "vector":
      return (
        <SeriesTable
          series={data.result}
          scroller={scroller}
          renderValue={(series) => <VectorValue series={series} />}
        />
      );
    case "matrix":
      return (
        <SeriesTable
          series={data.result}
          scroller={scroller}
          renderValue={(series) => <MatrixValues series={series} />}
        />
      );
    case "scalar":
    case "string":
      return <SingleValue kind={data.resultType} sample={data.result} />;
  }
});
