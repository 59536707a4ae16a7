import type { JsonObject, SourceKind } from "@narthex/dashboards";
import { DATA_SOURCE_KINDS, descriptionOf } from "@narthex/datasources";
import type { FastifyInstance } from "fastify";
import type { VisibleSourcesTo } from "../access/visible-sources.ts";
import { needs, needsSource } from "../auth/rights.ts";
import type { PluginRegistry } from "../plugins/plugin-registry.ts";
import type { SourceRecord } from "./source-record.ts";

/** The settings of a data source that pages need to draw dashboards. */
interface ListedSource {
  readonly uid: string;
  readonly name: string;
  readonly type: string;
  readonly isDefault: boolean;
  readonly timeInterval?: string;
  readonly alertmanagerUid?: string;
}

/**
 * Adds the routes that pages use for data sources: the sources with the descriptions of their kinds, and all kinds with
 * the inputs of their forms. Pages get fewer bytes from these routes than from `/api/datasources`.
 */
export function listedSourceRoutes(app: FastifyInstance, visible: VisibleSourcesTo, registry: PluginRegistry): void {
  app.get("/api/narthex/sources", needsSource("view", "datasources:read"), (request) => {
    const records = visible(request).sources();
    return { sources: records.map(listed), kinds: kindsOf(records, registry) };
  });
  app.get("/api/narthex/source-kinds", needs("viewer", "plugins:read"), () => ({
    kinds: [...DATA_SOURCE_KINDS, ...registry.kinds]
      .filter(({ isBuiltIn = false }) => !isBuiltIn)
      .map((kind) => ({
        ...descriptionOf(kind),
        defaults: kind.defaults,
        settings: kind.settings,
      })),
  }));
}

function listed({ uid, name, type, isDefault, jsonData }: SourceRecord): ListedSource {
  const [timeInterval, alertmanagerUid] = [textOf(jsonData, "timeInterval"), textOf(jsonData, "alertmanagerUid")];
  return {
    uid,
    name,
    type,
    isDefault,
    ...(timeInterval !== "" && { timeInterval }),
    ...(alertmanagerUid !== "" && { alertmanagerUid }),
  };
}

function textOf(json: JsonObject, key: string): string {
  const value = Object.hasOwn(json, key) ? json[key] : undefined;
  return typeof value === "string" ? value : "";
}

/** Returns the descriptions of the kinds of these data sources, without duplicates. */
function kindsOf(records: readonly SourceRecord[], registry: PluginRegistry): readonly SourceKind[] {
  const kinds = new Set(records.flatMap(({ type }) => registry.kindOf(type) ?? []));
  return [...kinds].map(descriptionOf);
}
