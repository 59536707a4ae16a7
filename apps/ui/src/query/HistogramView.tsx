import { Group, SegmentedControl, Text, Tooltip } from "@mantine/core";
import { useState } from "react";
import type { Bucket, Histogram } from "../api/query-result.ts";
import { bucketRange, histogramBars } from "./histogram-bars.ts";
import type { BarScale } from "./histogram-bars.ts";
import { type DataColumn, DataTable } from "../shell/DataTable.tsx";
import { TextButton } from "../shell/TextButton.tsx";
import { classesOf } from "../shell/style-sheet.ts";
import styles from "./HistogramView.module.css";

const css = classesOf(styles);

const bucketColumns: ReadonlyArray<DataColumn<Bucket>> = [
  { header: "Bucket range", cell: bucketRange },
  { header: "Count", cell: (bucket) => bucket[3] },
];

/** Shows a native histogram: bars, count, sum, and optionally a table of buckets. */
export function HistogramView({ histogram }: { histogram: Histogram }) {
  const [scale, setScale] = useState<BarScale>("exponential");
  const [open, setOpen] = useState(false);
  const buckets = histogram.buckets ?? [];
  return (
    <div data-histogram>
      {buckets.length > 0 && (
        <>
          <div className={css("bars")} role="img" aria-label={`Histogram with ${buckets.length} buckets`}>
            {histogramBars(buckets, scale).map((bar) => (
              <Tooltip
                key={bucketRange(bar.bucket)}
                label={`${bucketRange(bar.bucket)}: ${bar.bucket[3]}`}
                openDelay={0}
              >
                <div
                  style={{
                    left: `${bar.left * 100}%`,
                    width: `${bar.width * 100}%`,
                    height: `${Math.max(bar.height * 100, 1)}%`,
                  }}
                />
              </Tooltip>
            ))}
          </div>
          <Group justify="space-between" gap={4}>
            <Text size="xs" c="dimmed">
              {buckets[0]?.[1]}
            </Text>
            <Text size="xs" c="dimmed">
              {buckets.at(-1)?.[2]}
            </Text>
          </Group>
        </>
      )}
      <Group gap="md" mt={4}>
        <Text size="xs">
          count <b>{histogram.count}</b>
        </Text>
        <Text size="xs">
          sum <b>{histogram.sum}</b>
        </Text>
        {buckets.length > 0 && (
          <>
            <SegmentedControl
              size="xs"
              aria-label="Scale of the histogram"
              data={[
                { value: "exponential", label: "Exponential" },
                { value: "linear", label: "Linear" },
              ]}
              value={scale}
              onChange={(value) => setScale(value)}
            />
            <TextButton aria-expanded={open} onClick={() => setOpen(!open)}>
              {open ? "Hide buckets" : `Show ${buckets.length} buckets`}
            </TextButton>
          </>
        )}
      </Group>
      {open && (
        <DataTable
          columns={bucketColumns}
          items={buckets}
          keyOf={bucketRange}
          mt="xs"
          withTableBorder
          className={css("buckets")}
        />
      )}
    </div>
  );
}
