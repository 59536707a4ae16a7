import { DATA_SOURCE_KINDS, dataSourceKind } from "@narthex/datasources";
import { sendUiPage, type UiRole, upwardFrom } from "@narthex/http";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { VisibleSources, VisibleSourcesTo } from "../access/visible-sources.ts";
import { needs } from "../auth/rights.ts";
import type { SourceRecord } from "../datasources/source-record.ts";
import { refusal } from "./refusal.ts";
import { pathParameter } from "./request-body.ts";

/** Returns the program whose web pages can show a data source, if there is one. */
const roleOf = ({ type }: SourceRecord): UiRole | undefined => dataSourceKind(type)?.pages;

/**
 * Returns the path of the pages that show a data source, relative to the root of the dashboards' pages, without a
 * leading slash.
 */
const pagesOf = ({ uid }: SourceRecord): string => `sources/${encodeURIComponent(uid)}`;

/**
 * Returns the links to other programs' pages for the navigation bar, in the form `server=sources/main …`. Only data
 * sources that the user may query are linked. The link of a program leads to the default data source if it is of its
 * kind, otherwise to the first data source of the kind.
 */
export function navigationOf(visible: VisibleSources): string {
  const roles = DATA_SOURCE_KINDS.flatMap(({ pages }) => pages ?? []);
  const places = new Map<UiRole, SourceRecord | undefined>(roles.map((role) => [role, undefined]));
  for (const record of visible.sources()) {
    const role = roleOf(record);
    if (role !== undefined && record.url !== "" && (record.isDefault || places.get(role) === undefined))
      places.set(role, record);
  }
  return [...places]
    .flatMap(([role, record]) => (record === undefined ? [] : [`${role}=${pagesOf(record)}`]))
    .join(" ");
}

/**
 * Serves the pages of a Prometheus-compatible server or an Alertmanager that is a data source, below `/sources/<uid>`.
 * These pages send their requests through the proxy for data sources, so one login is enough, and the rights of the
 * dashboards server apply.
 */
export function sourcePages(
  app: FastifyInstance,
  visible: VisibleSourcesTo,
  { uiRoot, placeholders }: { readonly uiRoot: string; readonly placeholders: Readonly<Record<string, string>> },
): void {
  const right = needs("page", "datasources:query");
  const show = (request: FastifyRequest): Omit<Parameters<typeof sendUiPage>[1], "root"> => {
    const seen = visible(request);
    const record = seen.source(pathParameter(request, "uid"));
    const role = roleOf(record);
    if (role === undefined) throw refusal(404, "The data source has no pages");
    const below = pathParameter(request, "*");
    const toRole = upwardFrom(`/${below}`);
    const toFiles = toRole === "./" ? "../../" : `${toRole}../../`;
    return {
      role,
      title: "Narthex",
      path: `/${below}`,
      toRole,
      toFiles,
      placeholders: {
        ...placeholders,
        API_PLACEHOLDER: `../../api/datasources/proxy/uid/${encodeURIComponent(record.uid)}`,
        HOME_PLACEHOLDER: "../../",
        STACK_PLACEHOLDER: navigationOf(seen),
      },
    };
  };
  app.get("/sources/:uid", right, async (request, reply) => {
    const query = request.url.indexOf("?");
    const { uid } = request.params as { uid: string };
    // The folder against which the page's relative URLs are resolved.
    const folder = `./${encodeURIComponent(uid)}/`;
    return reply
      .code(302)
      .header("location", query === -1 ? folder : folder + request.url.slice(query))
      .send();
  });
  app.get("/sources/:uid/*", right, async (request, reply) => sendUiPage(reply, { root: uiRoot, ...show(request) }));
}
