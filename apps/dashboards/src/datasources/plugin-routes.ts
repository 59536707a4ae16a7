import { DATA_SOURCE_KINDS, type DataSourceKind } from "@narthex/datasources";
import type { FastifyInstance } from "fastify";
import { needs } from "../auth/rights.ts";
import type { Context } from "../context.ts";
import type { PluginRegistry } from "../plugins/plugin-registry.ts";
import { refusal } from "../web/refusal.ts";
import { pathParameter, queryOf } from "../web/request-body.ts";

const READ = needs("viewer", "plugins:read");

/** Adds routes that list the kinds of data sources as plugins, as clients of Grafana expect. */
export function pluginRoutes(app: FastifyInstance, { build }: Context, registry: PluginRegistry): void {
  const view = ({ types, name }: DataSourceKind): object => ({
    name,
    type: "datasource",
    id: types[0],
    enabled: true,
    pinned: false,
    info: { author: { name: "", url: "" }, description: "", links: null, version: build.narthex, updated: "" },
    dependencies: { grafanaVersion: "*", plugins: [] },
    latestVersion: "",
    hasUpdate: false,
    defaultNavUrl: `/plugins/${types[0]}/`,
    category: "",
    state: "",
    signature: "internal",
  });
  app.get("/api/plugins", READ, (request) => {
    const type = queryOf(request).get("type") ?? "";
    return type === "" || type === "datasource" ? [...DATA_SOURCE_KINDS, ...registry.kinds].map(view) : [];
  });
  app.get("/api/plugins/:id/settings", READ, (request) => {
    const kind = registry.kindOf(pathParameter(request, "id"));
    if (kind === undefined) throw refusal(404, "Plugin not found, no installed plugin with that id");
    return { ...view(kind), jsonData: null, secureJsonFields: {} };
  });
}
