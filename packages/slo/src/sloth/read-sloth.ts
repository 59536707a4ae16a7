import { type Codec, field, INVALID, listOf, type Position, type Report, section, text } from "@narthex/config";
import { formatDuration } from "@narthex/model";
import { type AlertWindows, DEFAULT_PERIOD_MS, MIN_PERIOD_MS, windowsForPeriod } from "../alert-windows.ts";
import { ignored, NO_TEXTS, texts } from "../codecs.ts";
import { joined, type Texts } from "../generated-rule.ts";
import type { SlothObjective } from "../objective.ts";
import {
  checkLabels,
  checkName,
  NO_PLUGINS,
  objectiveSection,
  type PlacedObjective,
  type PluginChain,
  pluginChain,
} from "./objective-section.ts";

/** The parameters of a reader of objectives. */
export interface ReadContext {
  /** Windows by period, ms: Sloth's own and those of `AlertWindows` objects. */
  readonly catalog: ReadonlyMap<number, AlertWindows>;
  /** Labels that all objectives get. */
  readonly extraLabels: Texts;
}

interface RawService {
  readonly version: string;
  readonly service: string;
  readonly labels: Texts;
  readonly plugins: PluginChain;
  readonly slos: readonly PlacedObjective[];
}

/** Values that depend on the format of a document. */
interface Dialect {
  readonly isOwn: boolean;
  readonly spec: string;
  readonly mode: string;
}

const camelCase = (key: string): string => key;
const snakeCase = (key: string): string => key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** Returns the codec of a document `version: prometheus/v1` of Sloth. */
export const slothDocument = (context: ReadContext): Codec<readonly SlothObjective[]> =>
  serviceSection(snakeCase, { isOwn: false, spec: "prometheus/v1", mode: "cli-gen-prom" }, context);

/** Returns the codec of a document `version: narthex/v1`, our own format. */
export const ownDocument = (context: ReadContext): Codec<readonly SlothObjective[]> =>
  serviceSection(snakeCase, { isOwn: true, spec: "narthex/v1", mode: "cli-gen-prom" }, context);

/** Returns the codec of a Kubernetes object `PrometheusServiceLevel` of Sloth. */
export function slothObject(context: ReadContext): Codec<readonly SlothObjective[]> {
  const dialect = { isOwn: false, spec: "sloth.slok.dev/v1", mode: "cli-gen-k8s" };
  const table = {
    apiVersion: field("apiVersion", text, ""),
    kind: field("kind", text, ""),
    metadata: field("metadata", ignored, undefined),
    status: field("status", ignored, undefined),
    spec: field<readonly SlothObjective[]>("spec", serviceSection(camelCase, dialect, context), []),
  };
  return section<
    { apiVersion: string; kind: string; metadata: undefined; status: undefined; spec: readonly SlothObjective[] },
    readonly SlothObjective[]
  >("PrometheusServiceLevel", table, ({ spec }, at, report) => {
    if (spec.length === 0) report(at.self, "no-objectives", "the object has no objectives", "write spec.slos");
    return spec;
  });
}

function serviceSection(
  spelling: (key: string) => string,
  dialect: Dialect,
  context: ReadContext,
): Codec<readonly SlothObjective[]> {
  const table = {
    version: field("version", text, ""),
    service: field("service", text, ""),
    labels: field("labels", texts, NO_TEXTS),
    plugins: field(spelling("sloPlugins"), pluginChain, NO_PLUGINS),
    slos: field("slos", listOf(objectiveSection(spelling, dialect.isOwn), { nullItem: "empty entry" }), []),
  };
  return section<RawService, readonly SlothObjective[]>("service", table, (raw, at, report) => {
    checkName(raw.service, "service", at.service, report);
    checkLabels(raw.labels, at.labels, report);
    if (raw.slos.length === 0) report(at.self, "no-objectives", "the service has no objectives", "write slos");
    const objectives: SlothObjective[] = [];
    for (const placed of raw.slos) {
      const windows = windowsOf(placed, dialect, context, report);
      if (windows !== undefined) objectives.push(objectiveOf(raw, placed, windows, dialect, context));
    }
    return objectives.length === raw.slos.length ? objectives : INVALID;
  });
}

function windowsOf(
  { raw, at }: PlacedObjective,
  { isOwn }: Dialect,
  { catalog }: ReadContext,
  report: Report,
): AlertWindows | undefined {
  const periodMs = raw.windowMs ?? DEFAULT_PERIOD_MS;
  return periodWindows(periodMs, isOwn, catalog, at.windowMs, report);
}

/** Returns the windows of a period. Reports an unknown period, and then returns undefined. */
export function periodWindows(
  periodMs: number,
  isAny: boolean,
  catalog: ReadContext["catalog"],
  at: Position,
  report: Report,
): AlertWindows | undefined {
  const known = catalog.get(periodMs);
  if (known !== undefined) return known;
  if (isAny && periodMs >= MIN_PERIOD_MS) return windowsForPeriod(periodMs);
  const choices = [...catalog.keys()].map((ms) => formatDuration(ms)).join(", ");
  const least = isAny ? `at least ${formatDuration(MIN_PERIOD_MS)}` : `one of ${choices}`;
  const message = `there are no alert windows for the window ${formatDuration(periodMs)}`;
  report(at, "window", message, `write ${least}, or add an AlertWindows object`);
  return undefined;
}

function objectiveOf(
  service: RawService,
  { raw, at }: PlacedObjective,
  windows: AlertWindows,
  { isOwn, spec, mode }: Dialect,
  { extraLabels }: ReadContext,
): SlothObjective {
  const own = raw.plugins;
  const chain = own.overridePrevious ? own.chain : [...service.plugins.chain, ...own.chain];
  return {
    line: at.self.line,
    column: at.self.column,
    name: raw.name,
    service: service.service,
    description: raw.description,
    objective: raw.objective,
    windowMs: windows.periodMs,
    windows,
    labels: joined(service.labels, raw.labels, extraLabels),
    indicator: raw.indicator,
    isCounted: isOwn,
    page: raw.alerting.page,
    ticket: raw.alerting.ticket,
    burnRateAlerts: [],
    plugins: chain,
    onlyPlugins: service.plugins.overridePrevious || own.overridePrevious,
    spec,
    mode,
  };
}
