import type { SeenRequest, ServiceAnswer } from "./fake-service.ts";

/** One receiver with one integration, told by both programs under the same configuration. */
export interface ReceiverRow {
  /** `opsgenie`: the key is `opsgenie_configs`. */
  readonly kind: string;
  /** What is special about it; with `kind` it names the receiver. */
  readonly title: string;
  /** The integration's section. `service` is the URL of the row's own service, which is a proxy as well. */
  section(service: string): Readonly<Record<string, unknown>>;
  /** What the service says; default: 200, text/plain, "ok". */
  answer?(request: SeenRequest): ServiceAnswer;
  /** How the service refuses; default: JSON with every member that some service explains itself in. */
  refusal?(status: number): ServiceAnswer;
  /** Statuses whose refusal ends differently, and why. */
  readonly refusedDifferently?: Readonly<Record<number, string>>;
  /** Reviewed differences of the peer's version: applied to both programs' requests before they are compared. */
  readonly reviewed?: readonly Reviewed[];
}

/** Why two requests may differ, and how to make them equal where nothing else does. */
export interface Reviewed {
  readonly reason: string;
  level(request: SeenRequest): SeenRequest;
}

/** Settings that lead to a service whose address is not a setting. */
export const through = (service: string): Readonly<Record<string, unknown>> => ({
  http_config: { proxy_url: service, tls_config: { insecure_skip_verify: true } },
});

/** An answer in JSON. */
export const json = (value: unknown, status = 200): ServiceAnswer => ({
  status,
  type: "application/json",
  body: JSON.stringify(value),
});
