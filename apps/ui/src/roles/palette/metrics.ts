import { IconChartLine } from "@tabler/icons-react";
import { pageSettings } from "../../api/page-settings.ts";
import { call } from "../../api/request.ts";
import { apiPath, homePath, rootPath } from "../../api/root-path.ts";
import { literalPattern } from "../../format/literal-pattern.ts";
import { quoteString } from "../../format/series-name.ts";
import { expressionPath } from "../../query-link/panel-link.ts";
import type { PaletteProvider } from "../../shell/palette/palette-provider.ts";

/** Shortest text that is searched. A shorter one occurs in too many names. */
const SHORTEST = 2;

/** Maximum number of names that the server returns. */
const MAX_NAMES = 100;

/** A server with metrics: the root paths of its API and of its pages. */
interface MetricsServer {
  readonly api: string;
  readonly pages: string;
}

/** Returns the server whose metrics are found: that of the page, or the one in the navigation of the dashboards. */
function metricsServer(): MetricsServer | undefined {
  const { role, agentMode, stack } = pageSettings;
  if (role === "server") return agentMode ? undefined : { api: apiPath, pages: rootPath };
  const folder = stack.get("server");
  if (homePath === undefined || folder === undefined) return undefined;
  const uid = folder.slice(folder.lastIndexOf("/") + 1);
  return { api: `${homePath}/api/datasources/proxy/uid/${uid}`, pages: `${homePath}/${folder}` };
}

/** Returns a selector of the metrics whose names contain all words in this order. */
export function nameSelector(text: string): string {
  const words = text.split(/\s+/).map(literalPattern);
  return `{__name__=~${quoteString(`(?i).*${words.join(".*")}.*`)}}`;
}

/** Finds metrics by their names, and opens them on the query page. Undefined if no server has metrics. */
export function metricProvider(server = metricsServer()): PaletteProvider | undefined {
  return (
    server && {
      name: "Metrics",
      icon: IconChartLine,
      find: async (text, signal) => {
        if (text.length < SHORTEST) return [];
        const params = { "match[]": nameSelector(text), limit: MAX_NAMES };
        const { data } = await call<readonly string[]>(`${server.api}/api/v1/label/__name__/values`, {
          params,
          signal,
        });
        const begin = text.toLowerCase();
        const starts = (name: string): boolean => name.toLowerCase().startsWith(begin);
        const sorted = [...data.filter(starts), ...data.filter((name) => !starts(name))];
        return sorted.map((name) => ({ title: name, href: `${server.pages}${expressionPath(nameExpression(name))}` }));
      },
    }
  );
}

/** Returns the expression for a metric. A name with unusual characters is in quotes. */
const nameExpression = (name: string): string =>
  /^[a-zA-Z_:][a-zA-Z0-9_:]*$/.test(name) ? name : `{${quoteString(name)}}`;
