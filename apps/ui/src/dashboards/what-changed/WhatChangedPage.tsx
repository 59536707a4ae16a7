import "../styles/mantine.css";
import { Text } from "@mantine/core";
import {
  type EarlierPeriod,
  earlierPeriod,
  formatTime,
  hasFeature,
  type ResolvedTimeRange,
  resolveTimeRange,
  type SourceListing,
} from "@narthex/dashboards";
import { shownTimeZone } from "../../shell/time-zone.ts";
import { firstDayOfWeek } from "../../shell/week-start.ts";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useSearchParams } from "react-router";
import { PageHeader } from "../../shell/PageHeader.tsx";
import { EmptyMessage, ErrorMessage, LoadingMessage } from "../../shell/StatusMessage.tsx";
import { nowMs } from "../../time/browser-clock.ts";
import { findChanges } from "./find-changes.ts";
import { type ChangeChoice, choiceOf, parametersOf } from "../../query-link/change-choice.ts";
import { ChangeForm } from "./ChangeForm.tsx";
import { ChangeList } from "./ChangeList.tsx";
import { sourcesQuery } from "../data/dashboard-queries.ts";

/** Page that shows which metrics changed between two time ranges, and for which label values. */
export default function WhatChangedPage() {
  const sources = useQuery(sourcesQuery);
  const prometheus = (sources.data ?? []).filter((source) => hasFeature(source, "metrics"));
  return (
    <>
      <PageHeader title="What changed?" />
      {sources.error !== null && <ErrorMessage error={sources.error} onRetry={() => void sources.refetch()} />}
      {sources.isPending && <LoadingMessage />}
      {sources.data !== undefined && prometheus.length === 0 && (
        <EmptyMessage title="There is no data source with metrics">
          Add a data source of the type Prometheus.
        </EmptyMessage>
      )}
      {prometheus.length > 0 && <Changes sources={prometheus} />}
    </>
  );
}

const USUAL_RANGE = { from: "now-1h", to: "now" };

/** Resolves both time ranges to absolute times. An invalid time range is replaced by the last hour. */
function rangesOf(
  { raw, zone, compare }: ChangeChoice,
  now: number,
): { now: ResolvedTimeRange; earlier: EarlierPeriod } {
  const calendar = { now, zone: shownTimeZone(zone), weekStart: firstDayOfWeek() };
  const range = resolveTimeRange(raw, calendar) ?? resolveTimeRange(USUAL_RANGE, calendar)!;
  return {
    now: range,
    earlier: earlierPeriod(compare, range, calendar) ?? earlierPeriod("previous", range, calendar)!,
  };
}

function Changes({ sources }: { sources: readonly SourceListing[] }) {
  const [params, setParams] = useSearchParams();
  const [now, setNow] = useState(nowMs);
  const usual = sources.find(({ isDefault }) => isDefault) ?? sources[0];
  const named = choiceOf(params);
  const choice = { ...named, source: named.source === "" ? usual!.uid : named.source };
  const source = sources.find(({ uid }) => uid === choice.source);
  const isChosen = choice.job !== "" || choice.search !== "" || choice.exprs.length > 0;
  const ranges = rangesOf(choice, now);
  const { data, error, isFetching, refetch } = useQuery({
    queryKey: ["changes", choice, now],
    queryFn: ({ signal }) => findChanges(choice, source!, ranges, signal),
    enabled: isChosen && source !== undefined,
    staleTime: Infinity,
    retry: false,
  });
  const change = (next: ChangeChoice): void => {
    setNow(nowMs());
    setParams(parametersOf(next));
  };
  return (
    <>
      <ChangeForm choice={choice} range={ranges.now} sources={sources} onChange={change} />
      {source === undefined && <EmptyMessage title={`There is no data source “${choice.source}”`} />}
      {!isChosen && (
        <Text c="dimmed">
          Choose a job, words in metric names, or a query, to see for which label values the metrics changed in the time
          range.
        </Text>
      )}
      {isChosen && <RangeWords {...ranges} zone={shownTimeZone(choice.zone)} />}
      {error !== null && <ErrorMessage error={error} onRetry={() => void refetch()} />}
      {isFetching && <LoadingMessage label="Comparing both ranges" />}
      {data?.notes.map((note) => (
        <Text key={note} size="sm" c="dimmed" mb="xs">
          {note}
        </Text>
      ))}
      {data !== undefined && data.queries.length === 0 && (
        <EmptyMessage title="Nothing has changed">
          No series differs between the two ranges by more than its values vary within them.
        </EmptyMessage>
      )}
      {data !== undefined && (
        <ChangeList
          changes={data.queries}
          compared={{ source: choice.source, range: ranges.now, shiftMs: ranges.earlier.shiftMs }}
        />
      )}
    </>
  );
}

function RangeWords({ now, earlier, zone }: { now: ResolvedTimeRange; earlier: EarlierPeriod; zone: string }) {
  const words = ({ from, to }: ResolvedTimeRange): string =>
    [from, to].map((time) => formatTime(time, zone, "YYYY-MM-DD HH:mm:ss")).join(" to ");
  return (
    <Text size="sm" c="dimmed" mb="md">
      Solid: {words(now)}. Dashed, {earlier.words}: {words(earlier.range)}.
    </Text>
  );
}
