import type { Route } from "@narthex/alerting";
import { decodeYaml, formatProblem, optional, section } from "@narthex/config";
import { access, ApiError, formValues, invalidParameter, sendSuccess } from "@narthex/http";
import { Labels } from "@narthex/model";
import type { Notifier } from "@narthex/rules";
import { isProgramFault } from "@narthex/runtime";
import type { FastifyInstance } from "fastify";

/** Maximum number of Alertmanagers that one request asks. */
const MAX_ALERTMANAGERS = 10;
const MAX_LABELS = 200;

/** An Alertmanager, with the labels that an alert has there, and the receivers of its routes. */
interface Destination {
  readonly url: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly receivers: readonly string[];
  readonly error?: string;
}

/**
 * Serves `/narthex/receivers`: for each Alertmanager, the receivers to which its routes lead an alert with the given
 * labels. The routes come from the status of the Alertmanager. Prometheus has no such endpoint.
 */
export function receiversRoute(app: FastifyInstance, notifier: Pick<Notifier, "destinations">): void {
  const routes = new RouteReader();
  app.get("/narthex/receivers", access("read"), async (request, reply) => {
    const destinations = notifier.destinations(labelsOf(formValues(request).get("labels") ?? ""));
    const asked = destinations.slice(0, MAX_ALERTMANAGERS);
    const alertmanagers = await Promise.all(
      asked.map(async ({ sender, labels }): Promise<Destination> => {
        const { url } = sender;
        if (labels === undefined) return { url, receivers: [], error: "relabeling drops the alert" };
        try {
          const receivers = await routes.receivers(url, await sender.status(), labels);
          return { url, labels: labels.toRecord(), receivers };
        } catch (error) {
          if (isProgramFault(error)) throw error;
          return { url, receivers: [], error: error instanceof Error ? error.message : String(error) };
        }
      }),
    );
    return sendSuccess(reply, { data: { alertmanagers, more: destinations.length > asked.length } });
  });
}

function labelsOf(text: string): Labels {
  const fail = (): ApiError => invalidParameter("labels", "expected a JSON object of texts");
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw fail();
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw fail();
  const entries = Object.entries(value);
  if (entries.length > MAX_LABELS) throw invalidParameter("labels", `at most ${MAX_LABELS} labels`);
  if (!entries.every((entry): entry is [string, string] => typeof entry[1] === "string")) throw fail();
  return Labels.of(entries);
}

/** Reads the routes of Alertmanagers, and keeps those of the last status of each. */
class RouteReader {
  readonly #known = new Map<string, { readonly config: string; readonly route: Route }>();

  /** Returns the receivers for an alert. Rejects if the status has no valid routes. */
  async receivers(url: string, status: string, labels: Labels): Promise<readonly string[]> {
    // Loads the code for routes at the first request, because a server needs no other part of the Alertmanager.
    const { matchRoutes } = await import("@narthex/alerting");
    const route = await this.#route(url, originalOf(status));
    return [...new Set(matchRoutes(route, labels).map(({ receiver }) => receiver))];
  }

  async #route(url: string, config: string): Promise<Route> {
    const known = this.#known.get(url);
    if (known?.config === config) return known.route;
    const { buildRoute, routeSection } = await import("@narthex/alerting");
    const shape = section("config", {
      route: optional("route", routeSection({ mode: "fallback", warn: () => undefined })),
    });
    const decoded = decodeYaml(config, "alertmanager.yml", shape, { ignoreUnknownFields: true });
    if (!decoded.ok) throw new Error(`its configuration cannot be read: ${formatProblem(decoded.problems[0]!)}`);
    if (decoded.value.route === undefined) throw new Error("its configuration has no route");
    const route = buildRoute(decoded.value.route);
    if (this.#known.size >= MAX_ALERTMANAGERS) this.#known.clear();
    this.#known.set(url, { config, route });
    return route;
  }
}

function originalOf(status: string): string {
  let parsed: unknown;
  try {
    parsed = JSON.parse(status);
  } catch (cause) {
    throw new Error("its status is not JSON", { cause });
  }
  const original = (parsed as { readonly config?: { readonly original?: unknown } } | null)?.config?.original;
  if (typeof original !== "string") throw new Error("its status has no configuration");
  return original;
}
