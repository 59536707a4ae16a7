import { Text } from "@mantine/core";
import { formatTime, labelsText, type PanelQuery, type ResolvedTimeRange } from "@narthex/dashboards";
import { useQuery } from "@tanstack/react-query";
import { formatDuration, humanizeDuration } from "../../../format/duration.ts";
import { ErrorMessage, LoadingMessage } from "../../../shell/StatusMessage.tsx";
import { classesOf } from "../../../shell/style-sheet.ts";
import { sendQueries } from "../../data/query-client.ts";
import { type ActiveSeries, type Firings, firingsOf } from "./firing-spans.ts";
import styles from "./AlertRuleDrawer.module.css";

const css = classesOf(styles);

/** Maximum number of series that are shown. The counts include all series. */
const MAX_DRAWN = 12;
/** If the alert fires for more than this share of the time range, a warning states that the threshold is useless. */
const NEARLY_ALWAYS = 0.95;

interface PreviewProps {
  readonly datasource: PanelQuery["datasource"];
  readonly expr: string;
  readonly forMs: number;
  readonly range: ResolvedTimeRange;
  readonly zone: string;
  readonly stepMs: number;
}

/** Shows when the alert would have fired in a time range. */
export function FiringPreview({ datasource, expr, forMs, range, zone, stepMs }: PreviewProps) {
  const rangeMs = range.to - range.from;
  const result = useQuery({
    queryKey: ["alert-rule-preview", datasource.uid, expr, range.from, range.to, stepMs],
    queryFn: async ({ signal }) => {
      const source = { expr, range: true, instant: false, format: "time_series" };
      const query = { refId: "A", datasource, intervalMs: stepMs, maxDataPoints: Math.ceil(rangeMs / stepMs), source };
      return (await sendQueries([query], range, signal)).get("A");
    },
    gcTime: 0,
    retry: false,
  });
  if (result.isPending) return <LoadingMessage label="Evaluating the rule over the time range" />;
  if (result.isError) return <ErrorMessage error={result.error} onRetry={() => void result.refetch()} />;
  const { frames = [], error } = result.data ?? {};
  if (error !== undefined)
    return (
      <Text size="sm" c="red" role="alert" className="wrap-anywhere">
        {error}
      </Text>
    );
  const firings = firingsOf(frames, { stepMs, forMs, rangeMs });
  const drawn = firings.series.slice(0, MAX_DRAWN);
  return (
    <>
      <Verdict firings={firings} range={range} stepMs={stepMs} />
      {drawn.map((series, at) => (
        // The index is part of the React key, because series have no id and may have equal labels.
        // oxlint-disable-next-line react/no-array-index-key
        <SpanRow key={at} series={series} range={range} zone={zone} />
      ))}
      {firings.series.length > drawn.length && (
        <Text size="xs" c="dimmed">
          and {firings.series.length - drawn.length} more series
        </Text>
      )}
    </>
  );
}

const times = (count: number): string => (count === 1 ? "once" : `${count} times`);

function Verdict({ firings, range, stepMs }: { firings: Firings; range: ResolvedTimeRange; stepMs: number }) {
  const { series, firings: count, passing, share } = firings;
  const length = humanizeDuration(range.to - range.from);
  const isAlways = share >= NEARLY_ALWAYS;
  const passed = passing === 0 ? "" : ` The condition would have ended ${times(passing)} before “for” had passed.`;
  return (
    <Text size="sm" {...(isAlways ? { c: "red" } : {})} role="status" data-firings={count}>
      {count === 0
        ? `It would not have fired in ${length}.`
        : `It would have fired ${times(count)} in ${length}, of ${series.length} series. At least one alert fires ${Math.round(share * 100)} % of the time.`}
      {isAlways && " An alert that fires nearly all the time is useless: choose another threshold."}
      {passed}{" "}
      <Text span size="xs" c="dimmed">
        Evaluated every {formatDuration(stepMs)}.
      </Text>
    </Text>
  );
}

/** A row for one series with coloured time spans: pale while the alert is pending, full colour while it fires. */
function SpanRow({ series, range, zone }: { series: ActiveSeries; range: ResolvedTimeRange; zone: string }) {
  const name = labelsText(series.labels) || "one series";
  const share = (time: number): number =>
    (100 * (Math.min(Math.max(time, range.from), range.to) - range.from)) / Math.max(1, range.to - range.from);
  const at = (time: number): string => formatTime(time, zone, "YYYY-MM-DD HH:mm:ss");
  const words = series.spans
    .map(
      ({ from, to, firesAt }) => `${firesAt === undefined ? "pending" : "firing"} ${at(firesAt ?? from)} – ${at(to)}`,
    )
    .join("; ");
  return (
    <div className={css("row")}>
      <span className={css("series")} title={name}>
        {name}
      </span>
      <svg className={css("spans")} viewBox="0 0 100 10" preserveAspectRatio="none" role="img" aria-label={words}>
        {series.spans.map(({ from, to, firesAt }) => (
          <g key={from}>
            <rect className={css("pending")} x={share(from)} width={share(to) - share(from)} height={10} />
            {firesAt !== undefined && (
              <rect className={css("firing")} x={share(firesAt)} width={share(to) - share(firesAt)} height={10} />
            )}
          </g>
        ))}
      </svg>
    </div>
  );
}
