import type { FastifyInstance } from "fastify";
import type { VisibleTo } from "../access/visible.ts";
import { needsSource } from "../auth/rights.ts";
import type { Context } from "../context.ts";
import type { SourceStore } from "../datasources/source-store.ts";
import { pathParameter } from "../web/request-body.ts";
import type { DashboardRecord } from "./dashboard-record.ts";
import type { DashboardStore } from "./dashboard-store.ts";
import { dashboardUrl } from "./dashboard-view.ts";

interface SourceUseRoutesOptions {
  readonly sources: SourceStore;
  readonly context: Context;
  readonly dashboards: DashboardStore;
  readonly visible: VisibleTo;
}

/** Maximum number of dashboards in an answer. The answer has the number of all of them. */
const MAX_LISTED = 20;

/**
 * Adds the route that lists the dashboards that name a data source, for the page that deletes it. Dashboards that the
 * sender may not see are left out.
 */
export function sourceUseRoutes(
  app: FastifyInstance,
  { context, dashboards, sources, visible }: SourceUseRoutesOptions,
): void {
  app.get("/api/narthex/sources/:uid/dashboards", needsSource("admin", "datasources:delete"), async (request) => {
    const uid = pathParameter(request, "uid");
    // Old dashboards have the name of a data source in place of its uid.
    const names = [uid, sources.byUid(uid)?.name ?? uid];
    const using: DashboardRecord[] = [];
    for (const record of visible(request).dashboards()) {
      const text = await dashboards.textOf(record, record.version);
      if (text !== undefined && namesSource(text, names)) using.push(record);
    }
    const titled = using.toSorted((a, b) => (a.title < b.title ? -1 : 1)).slice(0, MAX_LISTED);
    return {
      count: using.length,
      dashboards: titled.map((record) => ({
        uid: record.uid,
        title: record.title,
        url: dashboardUrl(context.address, record),
      })),
    };
  });
}

/** Reports whether a panel, query, variable or annotation in a dashboard's JSON text has one of the names of a data source. */
function namesSource(text: string, names: readonly string[]): boolean {
  // Almost all dashboards that do not use the data source are recognised without parsing.
  if (!names.some((name) => text.includes(JSON.stringify(name)))) return false;
  const isName = (value: unknown): boolean => typeof value === "string" && names.includes(value);
  let isNamed = false;
  JSON.parse(text, (key, value: unknown) => {
    isNamed ||= key === "datasource" && (isName(value) || (isReference(value) && isName(value.uid)));
    return value;
  });
  return isNamed;
}

const isReference = (value: unknown): value is { readonly uid?: unknown } =>
  typeof value === "object" && value !== null && "uid" in value;
