import type { SeenRequest, ServiceAnswer } from "./fake-service.ts";

/** One receiver with one integration, which both programs notify with the same configuration. */
export interface ReceiverRow {
  /** `opsgenie`: the key is `opsgenie_configs`. */
  readonly kind: string;
  /** Its special feature; together with `kind` this is the receiver's name. */
  readonly title: string;
  /** The integration's section. `service` is the URL of the row's own service, which is also a proxy. */
  section(service: string): Readonly<Record<string, unknown>>;
  /** Answer of the service; default: 200, text/plain, "ok". */
  answer?(request: SeenRequest): ServiceAnswer;
  /** Error answer of the service; default: JSON with all members in which services explain errors. */
  refusal?(status: number): ServiceAnswer;
  /** Statuses that lead to a different result than in Alertmanager, with the reason. */
  readonly refusedDifferently?: Readonly<Record<number, string>>;
  /** Reviewed differences of the peer's version, which are applied to both programs' requests before the comparison. */
  readonly reviewed?: readonly Reviewed[];
}

/** Reason why two requests may differ, and a function that removes only this difference. */
export interface Reviewed {
  readonly reason: string;
  level(request: SeenRequest): SeenRequest;
}

/** Settings for a service whose address is not a setting. */
export const through = (service: string): Readonly<Record<string, unknown>> => ({
  http_config: { proxy_url: service, tls_config: { insecure_skip_verify: true } },
});

/** Returns an answer in JSON. */
export const json = (value: unknown, status = 200): ServiceAnswer => ({
  status,
  type: "application/json",
  body: JSON.stringify(value),
});
