import { Drawer, SegmentedControl, Text, Title } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import {
  interpolate,
  type PlacedPanel,
  type ResolvedTimeRange,
  scopedVariables,
  type SourceListing,
} from "@narthex/dashboards";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { useLocation, useSearchParams } from "react-router";
import { rootPath } from "../../../api/root-path.ts";
import { humanizeDuration, parseDuration } from "../../../format/duration.ts";
import { EmptyMessage, ErrorMessage, LoadingMessage } from "../../../shell/StatusMessage.tsx";
import { classesOf } from "../../../shell/style-sheet.ts";
import { nowMs } from "../../../time/browser-clock.ts";
import { type DashboardContextValue, useDashboardContext } from "../../data/dashboard-context.ts";
import { linkTo } from "../../data/share-address.ts";
import { EXPLORED_WIDTH, panelRequest } from "../../data/panel/panel-request.ts";
import {
  fieldOfLine,
  type GeneratedRule,
  generateRule,
  problemText,
  type RuleField,
  type RuleParams,
} from "./alert-rule-api.ts";
import { FiringPreview } from "./FiringPreview.tsx";
import { distinguishingLabels } from "./firing-spans.ts";
import { type FilledForm, filledForm, newRuleForm, type RuleForm } from "./rule-form.ts";
import { previewStep, type RuleQuery, ruleQueries, usualWindow } from "./rule-query.ts";
import { type RuleThresholds, ruleThresholds } from "./rule-thresholds.ts";
import { RuleFields } from "./RuleFields.tsx";
import { RuleFile } from "./RuleFile.tsx";
import { SaveRule } from "./SaveRule.tsx";
import styles from "./AlertRuleDrawer.module.css";

const css = classesOf(styles);

/** Lengths of time before now for which the rule can be evaluated, ms: an hour, a day, a week and 30 days. */
const PREVIEW_LENGTHS: readonly number[] = [1, 24, 168, 720].map((hours) => hours * 3_600_000);

/** Delay after the user's last input before the rule is generated, ms. */
const PAUSE_MS = 250;

interface OpenForm {
  readonly queries: readonly RuleQuery[];
  readonly query: RuleQuery | undefined;
  readonly rateWindow: string;
  readonly thresholds: RuleThresholds;
  readonly filled: FilledForm;
  readonly range: ResolvedTimeRange;
}

function useOpenForm(placed: PlacedPanel, title: string, form: RuleForm, context: DashboardContextValue): OpenForm {
  const request = useMemo(
    () => panelRequest(placed.panel, scopedVariables(placed.scope), EXPLORED_WIDTH, context),
    [placed, context],
  );
  const written = (form.window ?? "").trim();
  const any = useMemo(() => ruleQueries(request, 1), [request]);
  const uid = (any.find(({ refId }) => refId === form.refId) ?? any[0])?.datasource.uid;
  const rateWindow = form.window ?? usualWindow(context.sources, uid);
  // Uses the default rate window if the typed window is invalid. The input shows an error.
  const windowMs = parseDuration(written) ?? parseDuration(usualWindow(context.sources, uid))!;
  const { variables } = context.dashboard;
  const queries = useMemo(() => {
    const queried = variables.filter(({ type }) => type === "query").map(({ name }) => name);
    return ruleQueries(request, windowMs, new Set(queried));
  }, [request, windowMs, variables]);
  const query = queries.find(({ refId }) => refId === form.refId) ?? queries[0];
  const refId = query?.refId ?? "";
  const thresholds = useMemo(() => ruleThresholds(placed.panel, refId), [placed, refId]);
  return {
    queries,
    query,
    rateWindow,
    thresholds,
    filled: filledForm(form, title, thresholds),
    range: request.time.range ?? context.range,
  };
}

/** A drawer that generates an alerting rule from a query of a panel and one of its thresholds. */
export default function AlertRuleDrawer({ placed, onClose }: { placed: PlacedPanel; onClose: () => void }) {
  // The drawer keeps the dashboard's state at the time of opening and ignores later refreshes.
  const [context] = useState(useDashboardContext());
  const [form, setForm] = useState(newRuleForm);
  const scoped = useMemo(() => scopedVariables(placed.scope), [placed]);
  const title = interpolate(placed.panel.title, context.lookupFor(scoped), "text") || `Panel ${placed.panel.id}`;
  const open = useOpenForm(placed, title, form, context);
  const params = useRuleParams(placed, title, form, open, context);
  const [debounced] = useDebouncedValue(params, PAUSE_MS);
  const made = useQuery({
    queryKey: ["alert-rule", debounced],
    queryFn: ({ signal }) => generateRule(debounced!, signal),
    enabled: debounced !== undefined,
    placeholderData: keepPreviousData,
    retry: false,
    gcTime: 0,
  });
  const { query } = open;
  const valid = params === undefined || made.data?.problems.length !== 0 ? undefined : made.data;
  return (
    <Drawer opened onClose={onClose} position="right" size="min(760px, 100vw)" title={`Alert rule: ${title}`}>
      {query === undefined ? (
        <EmptyMessage title="No rule can be generated from this panel">
          None of its queries uses a Prometheus data source.
        </EmptyMessage>
      ) : (
        <>
          <RuleFields
            {...open}
            query={query}
            form={form}
            errors={errorsOf(made.data)}
            made={made.data}
            onChange={setForm}
          />
          <Notes query={query} rateWindow={open.rateWindow} thresholds={open.thresholds} />
          {valid !== undefined && <LiveLook made={valid} query={query} range={open.range} context={context} />}
          {valid !== undefined && (
            <SaveSection
              made={valid}
              // Until the rule of the last input has arrived, the rule of an earlier input is shown.
              isCurrent={debounced === params && !made.isPlaceholderData}
              query={query}
              sources={context.sources}
            />
          )}
          <section className={css("section")} aria-label="Rule file">
            <Title order={3} size="h5">
              Rule file
            </Title>
            {params === undefined && (
              <Text size="sm" c="dimmed">
                Enter the value with which the query is compared.
              </Text>
            )}
            {params !== undefined && made.isPending && <LoadingMessage label="Generating the rule" />}
            {made.isError && <ErrorMessage error={made.error} onRetry={() => void made.refetch()} />}
            {params !== undefined && made.data !== undefined && <RuleFile made={made.data} name={open.filled.name} />}
          </section>
        </>
      )}
    </Drawer>
  );
}

function SaveSection({
  made,
  isCurrent,
  query: { datasource },
  sources,
}: {
  made: GeneratedRule;
  isCurrent: boolean;
  query: RuleQuery;
  sources: readonly SourceListing[];
}) {
  const source = sources.find(({ uid }) => uid === datasource.uid);
  if (source === undefined) return null;
  return (
    <section className={css("section")} aria-label="Save the rule">
      <Title order={3} size="h5">
        Save the rule
      </Title>
      <SaveRule key={source.uid} made={made} isCurrent={isCurrent} source={source} />
    </section>
  );
}

function LiveLook({
  made,
  query: { datasource },
  range,
  context: { sources, zone },
}: {
  made: GeneratedRule;
  query: RuleQuery;
  range: ResolvedTimeRange;
  context: DashboardContextValue;
}) {
  const [now] = useState(nowMs);
  const panelMs = range.to - range.from;
  const choices = [...new Set([panelMs, ...PREVIEW_LENGTHS])].toSorted((a, b) => a - b);
  const [lengthMs, setLength] = useState(panelMs);
  const shown = useMemo(
    () => (lengthMs === panelMs ? range : { from: now - lengthMs, to: now }),
    [lengthMs, panelMs, range, now],
  );
  return (
    <section className={css("section")} aria-label="When it would have fired">
      <Title order={3} size="h5">
        When it would have fired
      </Title>
      <SegmentedControl
        aria-label="Time range of the preview"
        size="xs"
        data={choices.map((ms) => ({ value: String(ms), label: humanizeDuration(ms) }))}
        value={String(lengthMs)}
        onChange={(value) => setLength(Number(value))}
      />
      <FiringPreview
        datasource={datasource}
        expr={made.expr}
        forMs={made.forMs}
        range={shown}
        zone={zone}
        stepMs={previewStep(lengthMs, sources, datasource.uid)}
      />
    </section>
  );
}

/** Returns the request for generating a rule, or undefined if the form has no threshold yet. */
function useRuleParams(
  placed: PlacedPanel,
  title: string,
  form: RuleForm,
  { query, thresholds, filled }: OpenForm,
  context: DashboardContextValue,
): RuleParams | undefined {
  const [params] = useSearchParams();
  const { pathname } = useLocation();
  const { dashboard, feeds, raw, range, states } = context;
  return useMemo(() => {
    if (query === undefined || filled.value === undefined) return undefined;
    const { uid } = dashboard;
    const view = { uid, title: dashboard.title, pathname, params, raw, range, states, panelKey: placed.key };
    const path = linkTo(view, { isTimeLocked: false, theme: "" });
    const { frames } = feeds.of(placed.key).data();
    return {
      query: query.source,
      condition: { isAbove: filled.isAbove, value: filled.value },
      group: dashboard.title,
      name: filled.name,
      wait: form.wait,
      severity: filled.severity,
      summary: form.summary,
      description: form.description,
      unit: thresholds.unit,
      labels: distinguishingLabels(frames, query.refId),
      panel: {
        title,
        id: String(placed.panel.id),
        dashboardUid: uid,
        address: uid === "" ? "" : `${location.origin}${rootPath}${path}`,
      },
    };
  }, [
    query,
    thresholds,
    filled.value,
    filled.isAbove,
    filled.name,
    filled.severity,
    form,
    placed,
    title,
    dashboard,
    feeds,
    raw,
    range,
    states,
    params,
    pathname,
  ]);
}

function errorsOf(made: GeneratedRule | undefined): ReadonlyMap<RuleField, string> {
  const errors = new Map<RuleField, string>();
  for (const problem of made?.problems ?? []) {
    const field = fieldOfLine(made?.yaml ?? "", problem.line);
    if (field !== undefined && !errors.has(field)) errors.set(field, problemText(problem));
  }
  return errors;
}

function Notes({
  query,
  rateWindow,
  thresholds,
}: {
  query: RuleQuery;
  rateWindow: string;
  thresholds: RuleThresholds;
}) {
  const notes = [...query.notes];
  if (query.step.length > 0)
    notes.unshift(`A rule has no step. The window of ${rateWindow} replaces ${query.step.join(", ")}.`);
  if (thresholds.isRangeUnknown)
    notes.push("The panel’s thresholds are percentages of a range that is not set. Enter the value itself.");
  return notes.map((note) => (
    <Text key={note} size="sm" c="dimmed" mt={8}>
      {note}
    </Text>
  ));
}
