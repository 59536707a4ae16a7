import { IconChartLine } from "@tabler/icons-react";
import { pageSettings } from "../../api/page-settings.ts";
import { call } from "../../api/request.ts";
import { apiPath, homePath, rootPath } from "../../api/root-path.ts";
import { literalPattern } from "../../format/literal-pattern.ts";
import { quoteString } from "../../format/series-name.ts";
import { expressionPath } from "../../query-link/panel-link.ts";
import { MAX_PLACES, type PaletteProvider } from "../../shell/palette/palette-provider.ts";

/** Shortest text that is searched. A shorter one occurs in too many names. */
const SHORTEST = 2;

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

/** Returns a selector of the metrics whose names contain all words in this order, after the given beginning. */
export function nameSelector(text: string, beginning = ".*"): string {
  const words = text.split(/\s+/).map(literalPattern);
  return `{__name__=~${quoteString(`(?i)${beginning}${words.join(".*")}.*`)}}`;
}

/** Finds metrics by their names, and opens them on the query page. Undefined if no server has metrics. */
export function metricProvider(server = metricsServer()): PaletteProvider | undefined {
  return (
    server && {
      name: "Metrics",
      icon: IconChartLine,
      find: async (text, signal) => {
        if (text.length < SHORTEST) return [];
        const named = async (selector: string): Promise<readonly string[]> => {
          const params = { "match[]": selector, limit: MAX_PLACES };
          return (await call<readonly string[]>(`${server.api}/api/v1/label/__name__/values`, { params, signal })).data;
        };
        // Names that begin with the text are requested alone, because the server returns only the first names.
        const [beginning, containing] = await Promise.all([named(nameSelector(text, "")), named(nameSelector(text))]);
        return [...new Set([...beginning, ...containing])].map((name) => ({
          title: name,
          href: `${server.pages}${expressionPath(nameExpression(name))}`,
        }));
      },
    }
  );
}

/** Returns the expression for a metric. A name with unusual characters is in quotes. */
const nameExpression = (name: string): string =>
  /^[a-zA-Z_:][a-zA-Z0-9_:]*$/.test(name) ? name : `{${quoteString(name)}}`;
