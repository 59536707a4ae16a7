import type { SeenRequest, ServiceAnswer } from "./fake-service.ts";

/**
 * A test case: one receiver with one integration, which the original Alertmanager and ours notify with the same
 * configuration.
 */
export interface ReceiverRow {
  /** Kind of the Alertmanager integration, such as `opsgenie` for the configuration key `opsgenie_configs`. */
  readonly kind: string;
  /** Description of the test case that is unique for its kind. The receiver's name consists of `kind` and `title`. */
  readonly title: string;
  /**
   * Returns the receiver's section of the Alertmanager configuration. `service` is the URL of the test case's fake
   * service, which is also a proxy.
   */
  section(service: string): Readonly<Record<string, unknown>>;
  /** Answer of the fake service; default: 200, text/plain, "ok". */
  answer?(request: SeenRequest): ServiceAnswer;
  /** Error answer of the fake service. The default is JSON with all members in which services explain errors. */
  refusal?(status: number): ServiceAnswer;
  /**
   * HTTP error statuses of the fake service that our Alertmanager handles differently from the original, each with the
   * reason.
   */
  readonly refusedDifferently?: Readonly<Record<number, string>>;
  /**
   * Accepted differences from the original Alertmanager. The test removes these differences from both notifications before the comparison.
   */
  readonly reviewed?: readonly Reviewed[];
}

/**
 * An accepted difference from the original Alertmanager: the reason, and a function that removes the difference from a
 * request.
 */
export interface Reviewed {
  readonly reason: string;
  level(request: SeenRequest): SeenRequest;
}

/**
 * Returns HTTP client settings that use the fake service as a proxy, for receivers whose address cannot be configured.
 */
export const through = (service: string): Readonly<Record<string, unknown>> => ({
  http_config: { proxy_url: service, tls_config: { insecure_skip_verify: true } },
});

export const json = (value: unknown, status = 200): ServiceAnswer => ({
  status,
  type: "application/json",
  body: JSON.stringify(value),
});
