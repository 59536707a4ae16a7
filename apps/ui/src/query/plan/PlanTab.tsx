import { Group, SegmentedControl, Stack, Text } from "@mantine/core";
import { skipToken, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { PlanPart } from "../../api/narthex.ts";
import { useDataSource } from "../../datasource/data-source-context.ts";
import type { AnalysisTime } from "../../datasource/data-source.ts";
import { EmptyMessage, LoadingMessage, QueryAnnotations } from "../../shell/StatusMessage.tsx";
import { classesOf } from "../../shell/style-sheet.ts";
import { useTimeZone } from "../../shell/time-zone.ts";
import { evaluationSeconds, rangeKey, type TimeRangeControl, useTimeRange } from "../../time/time-range-context.ts";
import { ResultSummary } from "../ResultSummary.tsx";
import { RunError } from "../later-parts.tsx";
import { stepSeconds } from "../../query-link/panel.ts";
import type { TabProps } from "../../query-link/panel.ts";
import { PartInputs, PartLine, PartTree, partFrame } from "../part-tree/PartTree.tsx";
import { ReasonMessage } from "./EmptyReason.tsx";
import { figuresOf, selectionTexts, shareOf, threadTexts } from "./plan-figures.ts";
import styles from "./PlanTab.module.css";

const css = classesOf(styles);

type Extent = "instant" | "range";

function PartItem({ part, root }: { part: PlanPart; root: PlanPart }) {
  const zone = useTimeZone();
  const share = shareOf(part, root);
  const notes = [...part.notes, ...selectionTexts(part, zone)];
  const threads = threadTexts(part);
  return (
    <li>
      <div className={partFrame}>
        <PartLine figures={figuresOf(part)}>
          <Text component="span" size="xs" fw={600}>
            {part.operator}
          </Text>{" "}
          <code>{part.expression}</code>
        </PartLine>
        {threads.length > 0 && (
          <ul className={css("notes", "threads")} aria-label="Time by thread">
            {threads.map((thread) => (
              <li key={thread}>{thread}</li>
            ))}
          </ul>
        )}
        {notes.length > 0 && (
          <ul className={css("notes")} aria-label="Notes">
            {notes.map((note, index) => (
              <li key={index}>{note}</li>
            ))}
          </ul>
        )}
        {share > 0 && <span className={css("share")} style={{ width: `${100 * share}%` }} aria-hidden />}
      </div>
      <PartInputs of={part.inputs}>{(input, index) => <PartItem key={index} part={input} root={root} />}</PartInputs>
    </li>
  );
}

async function analysisTime(extent: Extent, control: TimeRangeControl, step: number): Promise<AnalysisTime> {
  if (extent === "instant") return { time: await evaluationSeconds(control) };
  const { from, to } = await control.spanNow();
  return { start: from / 1000, end: to / 1000, step };
}

/** Shows how the server evaluates the expression: its operators with their result sizes, samples read and times. */
export default function PlanTab({ panel: { expr, resolution }, queryKey }: TabProps) {
  const { analyze } = useDataSource().capabilities;
  const control = useTimeRange();
  const { range } = control;
  const [extent, setExtent] = useState<Extent>("instant");
  const step = stepSeconds(resolution, range.rangeMs);
  const result = useQuery({
    queryKey: [...queryKey, "plan", expr, extent, ...rangeKey(range), step],
    queryFn:
      analyze === undefined || expr === ""
        ? skipToken
        : async ({ signal }) => analyze(expr, await analysisTime(extent, control, step), signal),
    gcTime: 0,
  });
  const answer = expr === "" || result.isError ? undefined : result.data;
  return (
    <Stack gap="sm">
      <Group justify="space-between" gap="xs">
        <SegmentedControl
          size="xs"
          aria-label="Evaluated"
          value={extent}
          onChange={setExtent}
          data={[
            { value: "instant", label: "At one time" },
            { value: "range", label: "Over the range" },
          ]}
        />
        {answer !== undefined && (
          <ResultSummary elapsedMs={answer.elapsedMs} series={answer.data.series} stats={answer.data.stats} />
        )}
      </Group>
      {expr === "" && <EmptyMessage title="No query yet">Enter an expression and press Enter.</EmptyMessage>}
      {result.isError && <RunError error={result.error} expr={expr} />}
      {expr !== "" && result.isFetching && answer === undefined && <LoadingMessage label="Running the query" />}
      {expr !== "" && !result.isFetching && !result.isError && answer === undefined && (
        <EmptyMessage title="Query cancelled">Press Execute to run it again.</EmptyMessage>
      )}
      {answer !== undefined && (
        <>
          <QueryAnnotations level="warning" texts={answer.warnings} />
          {answer.data.reason !== undefined && <ReasonMessage {...answer.data} reason={answer.data.reason} />}
          <PartTree label="Plan of the query">
            <PartItem part={answer.data.plan} root={answer.data.plan} />
          </PartTree>
          <Text size="xs" c="dimmed">
            Evaluated on thread {answer.data.thread}. Bars show the share of the time that a part took itself, without
            its inputs and other jobs.
          </Text>
        </>
      )}
    </Stack>
  );
}
